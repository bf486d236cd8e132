"""The page of a run: one HTML file that a person opens, drawn from what is stored and from nothing else."""

from __future__ import annotations

from fleet_controller.report.page.render import PAGE, page
from fleet_controller.report.page.runs_page import write_runs_page

__all__ = ["PAGE", "page", "write_runs_page"]

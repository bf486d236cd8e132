"""Annotations of a commit."""

import pytest
from fleet_controller.report.annotations import workflow_commands


def results(*scenarios):
    entries = [
        {"row": "3.1", "scenario": name, "verdict": verdict, "reasons": [reason], **more}
        for name, verdict, reason, more in scenarios
    ]
    return {"hosts": {"host1": {"scenarios": entries}}}


def test_failures_are_errors_and_what_proved_nothing_is_a_warning():
    found = workflow_commands(
        results(
            ("sigterm", "failed", "exit code 1", {}),
            ("sigint", "not_exercised", "no cycle", {}),
            ("baseline", "passed", "", {}),
            ("power_cut", "failed", "x", {"advice": True}),
        )
    )
    assert found == [
        "::error title=3.1 sigterm failed on host1::exit code 1",
        "::warning title=3.1 sigint not_exercised on host1::no cycle",
    ]


@pytest.mark.parametrize("text", ["a\n::error::b", "a\r::error::b", "100%0A::error::b"])
def test_a_text_of_a_host_begins_no_command_of_its_own(text):
    (line,) = workflow_commands(results(("sigterm", "failed", text, {})))
    assert "\n" not in line and "\r" not in line and "%0A" not in line.replace("%250A", "")


def test_no_more_than_github_shows():
    found = workflow_commands(results(*[("sigterm", "failed", f"reason {n}", {}) for n in range(30)]))
    assert len(found) == 10 and found[-1].endswith("21 more; see the summary of this job")

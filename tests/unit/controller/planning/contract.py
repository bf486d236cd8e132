"""What every plan keeps to: ``plan.yml``."""

from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

_CONTRACT = yaml.load(Path(__file__).with_name("plan.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)


def breaches(plan):
    """What is wrong with a plan, and where."""
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(_CONTRACT).iter_errors(plan)
    ]

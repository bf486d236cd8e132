"""The words of faults and checks, ``schemas/generated/scenario-words.schema.json``, from the engine's registries."""

from __future__ import annotations

import json

from fleet_controller.catalogue.project import ROOT
from fleet_controller.catalogue.schema import words
from fleet_controller.catalogue.vocabulary import Vocabulary

PATH = ROOT / "schemas/generated/scenario-words.schema.json"
#: What the words refer to. It is copied, so that no file refers to one that refers back.
_REFERRED_TO = ("template", "duration")


def text() -> str:
    """The file."""
    # It is read here for what it says itself: the words that it refers to are those that are written.
    written = json.loads((ROOT / "schemas/scenario.schema.json").read_text(encoding="utf-8"))["$defs"]
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": PATH.name,
        "title": "Words of scenarios",
        "x-version": 1,
        "description": "Faults, checks and answers of a disk with their arguments, as scenario.schema.json refers to "
        "them. Written by `make docs` from the engine; a test compares.",
        "$defs": {
            **words(Vocabulary.of_engine()),
            **{name: written[name] for name in _REFERRED_TO},
        },
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"

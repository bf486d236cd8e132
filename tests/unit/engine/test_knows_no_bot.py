"""What is a bot's own stands in its profile: the engine names no file, variable or program of any bot that ships."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
#: Words that are a bot's and anybody's.
COMMON = {"errors.log", "activity.json"}


def own_words(profile):
    files = [*profile["state"].values(), *profile.get("logs", {}).values()]
    paths = [file[key] for file in files for key in ("path", "backup") if key in file]
    variables = [setting["variable"] for setting in profile.get("settings", {}).values()]
    programs = [word for word in profile["argv"] if re.fullmatch(r"[\w./]+\.py", word)]
    return {Path(path).name for path in paths} - COMMON | {*variables, *profile["environment"], *programs}


@pytest.mark.parametrize("bot", sorted(path.stem for path in (ROOT / "bots").glob("*.yml")))
def test_the_engine_names_nothing_of_a_bot(bot):
    words = own_words(yaml.safe_load((ROOT / f"bots/{bot}.yml").read_text())) - {"PYTHONUNBUFFERED"}
    named = {
        (word, path.name)
        for path in (ROOT / "fleet_stress").rglob("*.py")
        for word in words
        if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", path.read_text(encoding="utf-8"))
    }
    assert len(words) > 3
    assert named == set()

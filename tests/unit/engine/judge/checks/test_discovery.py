"""A new check is a new file: whatever is below the folder is found, under the name of its module."""

from fleet_stress.judge import checks
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.discovery import PlugIns

NO_RAIN = """
from fleet_stress.judge.checks.protocol import Check


class NoRain(Check):
    title = "it stays dry"
    arguments = {"at_most": {"type": "number"}}

    def judge(self, case, arguments):
        if case > arguments["at_most"]:
            yield self.failed("sky", f"{case} mm of rain", evidence=("sky.txt",))
        else:
            yield self.not_exercised("sky", "no cloud was seen")
"""


def test_a_file_is_all_that_a_check_needs(tmp_path, monkeypatch):
    (tmp_path / "weather").mkdir()
    (tmp_path / "weather" / "__init__.py").touch()
    (tmp_path / "weather" / "no_rain.py").write_text(NO_RAIN)
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])

    found = PlugIns(checks.__path__, checks.__name__, Check, lambda kind: kind())

    assert found.keys() - checks.CHECKS.keys() == {"no_rain"}
    assert found["no_rain"].schema == {
        "type": "object",
        "additionalProperties": False,
        "properties": {"at_most": {"type": "number"}},
    }
    [finding] = found["no_rain"].judge(7, {"at_most": 5})
    assert finding[:5] == ("no_rain", "sky", "7 mm of rain", "failed", ("sky.txt",))
    [finding] = found["no_rain"].judge(4, {"at_most": 5})
    assert finding[:5] == ("no_rain", "sky", "no cloud was seen", "not_exercised", ())

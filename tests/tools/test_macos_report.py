"""``make macos`` says what came of each test and each row, and elsewhere than on a Mac that it is a trial."""

import types

from tools.macos_report import lines, read_junit

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.unit.engine.system.darwin.test_memory" name="test_on_a_mac"/>
<testcase classname="a.b" name="two"><skipped message="needs a Mac"/></testcase>
<testcase classname="a.b" name="three"><failure>no</failure></testcase>
</testsuite></testsuites>"""
RUN = {
    "hosts": {
        "mac": {
            "scenarios": [
                {"row": "3.1", "scenario": "sigterm", "verdict": "passed", "reasons": []},
                {
                    "row": "4.1A",
                    "scenario": "network_drop",
                    "verdict": "skipped",
                    "reasons": ["no | pf\nhere"],
                },
            ]
        }
    }
}


def system(name="Darwin", release="24.1.0"):
    return types.SimpleNamespace(system=name, release=release, machine="arm64")


def test_of_a_mac():
    told = list(lines(system(), "15.1", read_junit(JUNIT), RUN, "abc1234"))
    assert not any("trial" in item for item in told)
    row = next(item for item in told if "abc1234" in item)
    assert row.endswith(
        "| abc1234 | macOS 15.1 | arm64 | 1 failed, 1 passed, 1 skipped | 1 passed, 1 skipped |"
    )
    assert "| `test_memory::test_on_a_mac` | passed |" in told
    assert "| `network_block` | 1 skipped |" in told
    assert "| `vanish` | none |" in told
    assert "| 4.1A | `network_drop` | mac | skipped | no / pf here |" in told


def test_elsewhere_and_on_a_double_it_is_a_trial():
    for item in (system("Linux", "6.1"), system("Darwin", "23.6.0-double")):
        told = list(lines(item, "14.6", {}, None, "abc1234"))
        assert told[2].startswith("**A trial on ")
        assert any("| trial: " in line and "| none | none |" in line for line in told)

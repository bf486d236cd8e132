"""What a run found by the system of its hosts."""

from fleet_controller.results.by_platform import by_platform, platform_lines


def host(system, release, *verdicts):
    about = system and {"system": system, "release": release, "machine": "m", "python": "3"}
    return {"system": about, "scenarios": [{"verdict": verdict} for verdict in verdicts]}


HOSTS = {
    "a": host("Linux", "6.1", "passed", "failed"),
    "b": host("Linux", "6.5", "passed", "passed"),
    "mac-double": host("Darwin", "23.6.0-double", "passed", "skipped"),
    "gone": host(None, None, "error", "error"),
}


def test_hosts_of_a_system_count_together_and_a_double_is_told_as_one():
    found = by_platform(HOSTS)
    assert list(found) == ["Linux", "macOS", "unknown"]
    assert (found["Linux"]["hosts"], found["Linux"]["releases"]) == (2, ["6.1", "6.5"])
    assert found["Linux"]["counts"]["passed"] == 3
    assert list(platform_lines({"hosts": HOSTS})) == [
        "Linux 6.1, 6.5: 3 passed, 1 failed on 2 hosts",
        "macOS 23.6.0-double: 1 passed, 1 skipped on 1 host",
        "unknown: 2 error on 1 host",
    ]


def test_of_one_system_nothing_is_said_that_the_summary_does_not_say():
    assert list(platform_lines({"hosts": {"a": HOSTS["a"]}})) == []


def test_what_a_host_calls_its_system_is_a_stranger_s_text():
    lines = list(platform_lines({"hosts": {**HOSTS, "evil": host("\x1b[31mBeOS", "\u202e1", "passed")}}))
    assert not any("\x1b" in line or "\u202e" in line for line in lines)

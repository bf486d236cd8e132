"""Whatever stands in a task or behind -e: it is taken, or refused in words; never a traceback, nor our own mistake."""

from unittest import mock

import pytest
from fleet_controller.hosts import variables
from fleet_controller.messages.errors import UserError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.messages.ways import answer

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 10**20)
    | st.floats()
    | st.text("ab~.,:-{%\0\n\x1b é", max_size=8)
    | st.sampled_from(["latest", "all", "10m", "reference", "smoke", "host:x", "1/2", "yes", "5%"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=5,
)
#: What each plugin takes, and what it cannot do without to come any further.
PLUGINS = {
    "stress_able": ("bot", "profile", "scenarios", "facts", "stress_dir", "user", "engine_python"),
    "stress_compare": ("old", "new", "old_ref", "bot", "old_run", "new_run", "results_dir", "check_only"),
    "stress_compile": (
        "begin",
        "bot",
        "bot_source",
        "bot_ref",
        "profile",
        "scenarios",
        "host_lock",
        "earlier",
    ),
    "stress_found": ("looked_only", "halted", "problems_only"),
    "stress_hold": ("fault", "for", "on", "against", "how", "size", "owner", "bot", "check_only"),
    "stress_judge": ("run_id", "results_dir"),
    "stress_list": ("bot", "profile", "scenarios", "list", "answers"),
    "stress_look": ("script", "python", "become", "judge", "stress_dir", "user"),
    "stress_merge": ("runs", "results_dir"),
    "stress_report": ("run_id", "results_dir", "problems", "unreachable", "verify", "fail_on", "judge"),
    "stress_settings": ("stages",),
    "stress_verify": ("hosts", "results_dir", "run_id"),
    "stress_wheels": ("platform", "lock", "cache", "stress_dir", "stored"),
}


#: Each example is a whole plugin.
BOUNDED = settings(max_examples=settings.default.max_examples // 3)


@pytest.mark.parametrize("name", PLUGINS)
def test_odd_arguments_of_a_plugin(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    @BOUNDED
    @given(args=st.dictionaries(st.sampled_from(PLUGINS[name]), ODD, max_size=4))
    def is_refused_or_taken(args):
        # Nothing is built, and no pytest is started, for values that happen to be right.
        with (
            mock.patch(
                "fleet_controller.hosts.engine_wheels.pip", side_effect=OSError(28, "No space left on device")
            ),
            mock.patch("subprocess.run", side_effect=OSError(2, "No such file or directory", "pytest")),
            mock.patch(
                "fleet_controller.runs.run_folder.open_run", side_effect=UserError("no run", "x", "y", "z")
            ),
        ):
            own = {"results_dir": str(tmp_path)} if "results_dir" in PLUGINS[name] else {}
            said = answer(name, {**own, **args})
        told = said.get("msg", "")
        assert said.get("failed") is not True or told
        assert "mistake of fleet-stress" not in told, told
        assert "Traceback" not in told

    is_refused_or_taken()


KNOWN = variables.documented()


@given(values=st.dictionaries(st.sampled_from(sorted(KNOWN)), ODD, max_size=4))
def test_odd_variables(values):
    try:
        variables.check(values, values)
    except UserError as error:
        for problem in error.problems:
            assert all(problem), problem


@given(name=st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=16))
def test_foreign_variables_are_let_alone(name):
    meant = variables.misspelled(name, KNOWN)
    assert meant is None or abs(len(meant.replace("_", "")) - len(name.replace("_", ""))) <= 4


@pytest.mark.parametrize(
    "name", ["app_version", "region", "team", "ticket", "env", "ansible_user", "hostname"]
)
def test_usual_names_of_others_are_let_alone(name):
    assert variables.misspelled(name, KNOWN) is None


def test_a_name_that_the_inventory_knows_is_no_spelling_mistake():
    assert variables.misspelled("scenario", KNOWN) == "scenarios"
    assert variables.misspelled("scenario", KNOWN, {"scenario"}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("stress_serial", item) for item in (5, "5", "25%", "12.5%", [1, "10%"], "100%")),
        *(("stress_become", item) for item in (True, "no", "false", 0)),
        *(("stress_lease", item) for item in ("3600", 0, 1.5)),
        *(("fail_on", item) for item in ("failed", ["failed", "error"])),
        ("stress_production_groups", []),
        ("bot_pip_environment", {}),
        ("stress_user", ""),
    ],
)
def test_what_is_right_is_taken(name, value):
    variables.check({name: value}, [name])

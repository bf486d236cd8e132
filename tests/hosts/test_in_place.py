"""Everything of ours is where it belongs: the folder with its marker, the bots' user, the engine."""

import fleet_stress


def test_the_folder_is_marked_as_ours(seen, expected):
    assert seen.answers["marker"], f"{expected.stress_dir} carries no marker"
    assert '"made_by": "fleet-stress"' in seen.answers["marker"]


def test_bots_run_as_an_unprivileged_user(seen, expected):
    uid = seen.answers["uid"].strip()

    assert uid, f"there is no user {expected.user}"
    assert int(uid) != 0, f"{expected.user} is root"


def test_the_bots_user_can_write_to_nothing_of_ours(seen, expected):
    mode = seen.answers["folder"][:10]

    assert mode, f"{expected.stress_dir} is not there"
    assert mode[8] == "-", f"{expected.stress_dir} is writable for everybody"


def test_the_engine_is_installed_in_this_version(seen):
    assert seen.answers["version"].strip() == fleet_stress.__version__, seen.errors

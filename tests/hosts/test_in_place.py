"""Everything of ours is where it belongs: the folder with its marker, the bots' user, the engine."""

import fleet_stress


def test_the_folder_is_marked_as_ours(host, expected, as_root):
    marker = host.file(f"{expected.stress_dir}/.fleet-stress")

    assert marker.is_file, f"{expected.stress_dir} carries no marker"
    assert '"made_by": "fleet-stress"' in marker.content_string


def test_bots_run_as_an_unprivileged_user(host, expected):
    uid = host.run("id -u %s", expected.user)

    assert uid.succeeded, f"there is no user {expected.user}"
    assert int(uid.stdout) != 0, f"{expected.user} is root"


def test_the_bots_user_can_write_to_nothing_of_ours(host, expected, as_root):
    folder = host.file(expected.stress_dir)

    assert folder.mode & 0o002 == 0, f"{expected.stress_dir} is writable for everybody"


def test_the_engine_is_installed_in_this_version(host, expected, as_root):
    answer = host.run("%s -I -m fleet_stress --version", expected.engine_python)

    assert answer.stdout.strip() == f"fleet-stress {fleet_stress.__version__}", answer.stderr

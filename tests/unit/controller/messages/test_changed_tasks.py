from fleet_controller.messages.changed_tasks import changed_lines


def test_the_tasks_of_a_role_are_counted_and_a_single_one_is_named():
    changed = {
        "engine: Create stress_dir": ["lab01"],
        "engine: Copy the wheels": ["lab01"],
        "bot: Copy the archive": ["lab01"],
        "Tidy up": ["lab01"],
    }
    assert list(changed_lines(changed)) == [
        "lab01: changed: engine (2 tasks), bot: Copy the archive, Tidy up"
    ]


def test_hosts_on_which_the_same_was_changed_are_one_line():
    many = [f"lab{number:02}" for number in range(1, 6)]
    changed = {"engine: A": many, "engine: B": many, "engine: D": many[:2], "bot: C": many[:2]}
    assert list(changed_lines(changed)) == [
        "5 hosts: changed: engine (2 tasks)",
        "lab01, lab02: changed: engine: D, bot: C",
    ]

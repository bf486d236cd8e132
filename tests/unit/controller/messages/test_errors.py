from fleet_controller.messages.errors import Problem, Problems, UserError, did_you_mean, nearest


def test_one_problem_is_one_readable_block():
    error = UserError("unknown key `stpes`", "a.yml:3: stpes", "there is: steps", "did you mean `steps`?")
    assert str(error) == (
        "unknown key `stpes`\n"
        "   where: a.yml:3: stpes\n"
        "   why:   there is: steps\n"
        "   do:    did you mean `steps`?"
    )


def test_what_is_not_known_is_not_said():
    assert str(UserError("is empty", "a.yml")) == "is empty\n   where: a.yml"


def test_several_are_counted_and_told_once_each():
    error = UserError.of([Problem("first", "a:1"), Problem("second"), Problem("first", "a:1")])
    assert str(error) == "2 problems:\n1. first\n   where: a:1\n2. second"


def test_ten_are_told_and_the_rest_is_counted():
    lines = str(UserError.of(Problem(f"p{number}") for number in range(13))).splitlines()
    assert lines[0] == "13 problems:"
    assert lines[10:] == ["10. p9", "… and 3 more."]


def test_nothing_found_is_no_error():
    Problems().raise_any()


def test_the_nearest_word_is_found_over_case_and_dashes():
    assert nearest("Sig-Term", ["sigint", "sigterm"]) == "sigterm"
    assert nearest("banana", ["sigint", "sigterm"]) is None
    assert did_you_mean("banana", ["sigint"], "use one of these") == "use one of these"

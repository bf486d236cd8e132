"""The list of known findings as it is written: beside the profile, with rows by number or name."""

KNOWN = "bots/tiny.known.yml"


def test_an_entry_has_every_key_and_the_scenarios_of_its_rows(catalogue):
    catalogue.scenario()
    catalogue.write(KNOWN, "known:\n- {check: exit_code, subject: x, rows: ['3.3', baseline], reason: y}\n")
    assert catalogue.compile("baseline").known == {
        "file": "bots/tiny.known.yml",
        "entries": [
            {
                **{"check": "exit_code", "subject": "x", "rows": ["3.3", "baseline"], "reason": "y"},
                **{"seen": None, "link": None, "expires": None, "verdict": "failed", "strict": True},
                "scenarios": ["restart", "baseline"],
            }
        ],
    }


def test_what_was_not_proved_is_never_strict(catalogue):
    entry = "{check: fault, subject: x, rows: [baseline], reason: y, verdict: not_exercised}"
    catalogue.write(KNOWN, f"known:\n- {entry}\n")
    assert catalogue.compile().known["entries"][0]["strict"] is False


def test_a_bot_without_a_list_has_none_and_the_list_is_no_bot(catalogue):
    assert catalogue.compile().known is None
    catalogue.write(KNOWN, "known: []\n")
    assert list(catalogue.project.files("bots")) == ["tiny"]


def test_a_mistake_is_told_with_its_line(catalogue):
    catalogue.write(KNOWN, "known:\n- check: exit_code\n  subject: x\n  rows: [baseline]\n  reasn: y\n")
    said = catalogue.refusal()
    assert "bots/tiny.known.yml:5" in said
    assert "did you mean `reason`?" in said


def test_no_host_is_given_the_list(catalogue):
    before = catalogue.plan()
    catalogue.write(KNOWN, "known:\n- {check: exit_code, subject: x, rows: [baseline], reason: y}\n")
    assert catalogue.plan() == before

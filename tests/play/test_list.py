"""`playbooks/list.yml`: what there is, and what each host can do of it; no host is changed."""

import pytest

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

LIST = "playbooks/list.yml"


def said(text):
    """Words on one line each: tables are set for a width."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_hosts_say_what_they_can_do_or_why_they_cannot_be_asked(play):
    code, text = play.run("--tags", "provision", scenarios="baseline")
    assert code == 0, text
    play.host("bare")
    play.host("forbidden", stress_allowed=False)
    play.host("away", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)

    for more in ((), ("--check",)):
        code, text = play.run(*more, playbook=LIST, list="hosts", scenarios="sigterm,row:1.5A")

        lines = said(text)
        assert code == 0, text
        assert any(line.startswith("here 3 - ") for line in lines), text
        assert any(line.startswith("bare: it has no engine yet that could say") for line in lines)
        assert any(line.startswith("forbidden is not to be stressed") for line in lines)
        assert any(line.startswith("away could not be reached") for line in lines)
        assert "Traceback" not in text

    assert [path.name for path in play.places.iterdir()] == ["here"], "hosts were left as they were"
    assert not play.results.exists()


def test_the_catalogue_is_shown_without_asking_a_host(play):
    play.hosts = {}
    play.host("away", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)

    code, text = play.run(playbook=LIST, list="scenarios,faults", scenarios="row:3")

    lines = said(text)
    assert code == 0, text
    assert any(line.startswith("3.1 sigterm Stops in time and saves") for line in lines), text
    assert any(line.startswith("dead_proxy From the next") for line in lines)
    assert "could not be reached" not in text


def test_a_word_that_means_nothing_is_told(play):
    code, text = play.run(playbook=LIST, list="fault")

    assert code != 0
    assert "did you mean `faults`?" in text

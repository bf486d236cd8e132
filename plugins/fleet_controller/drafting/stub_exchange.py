"""A bot that needs its exchange to answer: a stub beside it, which the operator names, and the bot led to it."""

from __future__ import annotations

from fleet_controller.drafting import words_in_source as source
from fleet_controller.drafting.guesses import Guess, argv_of
from fleet_controller.messages.errors import UserError

#: The file that the stub writes its port into, and how the operator's command line says so.
_READY, _ASKED = "${tmp_dir}/exchange.ready", "${ready}"
_OUTSIDE, _PORT = "${outside}", "${exchange.ready}"
_LED = {
    source.ADDRESS: f"{_OUTSIDE}:{_PORT}",
    source.URL: f"http://{_OUTSIDE}:{_PORT}",
    source.PORT: _PORT,
}


def with_exchange(guessed: Guess, command: str) -> Guess:
    """The same bot, with a companion that stands for its exchange; ``command`` starts it.

    Raises UserError: it is no command line, or does not say where the stub writes its port.
    """
    argv = [word.replace(_ASKED, _READY) for word in argv_of(command, "--exchange")]
    if not any(_READY in word for word in argv):
        raise UserError(
            "nobody knows where the exchange listens",
            "--exchange",
            "its port is read from a file that it writes once it is ready",
            "write '${ready}' where its command line takes the path of that file",
        )
    name = guessed.profile["name"]
    led = [word for word in (*guessed.addresses, *guessed.placeholders) if word.meaning in _LED]
    values = {word.name: _LED[word.meaning] for word in led}
    profile = {
        **guessed.profile,
        "argv": _with_options(guessed.profile["argv"], values),
        "environment": {
            **guessed.profile["environment"],
            **{word: value for word, value in values.items() if not word.startswith("--")},
        },
        "companions": [{"name": "exchange", "argv": argv, "ready_file": _READY}],
        "exchange": {"companion": "exchange"},
        "hosts": [f"exchange.{name.replace('_', '-')}.test"],
    }
    rest = [word for word in guessed.placeholders if word.meaning not in _LED]
    return guessed._replace(profile=profile, placeholders=rest)


def _with_options(argv: list[str], values: dict[str, str]) -> list[str]:
    """The command line in which each of these options has its value, once."""
    found = list(argv)
    for option, value in values.items():
        if option in found:
            found[found.index(option) + 1] = value
        elif option.startswith("--"):
            found += [option, value]
    return found

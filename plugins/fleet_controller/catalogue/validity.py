"""What a schema has against a document: nothing, mostly, and that is found out fast.

jsonschema-rs decides in a hundredth of the time, but its errors are not those that messages are made of. What it
does not accept, or cannot read (a date in YAML, a key that is no text), is put before jsonschema, and that decides. It
is never the more lenient of the two: a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from jsonschema import ValidationError

#: Validators by the identity of their schema, which each keeps with it, so that no other comes to have the same.
_BUILT: dict[int, tuple[Mapping[str, Any], Draft202012Validator]] = {}
#: A controller has about 150; a process that makes schemas again and again must not keep them all.
_MOST_BUILT = 1000


def errors(value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """What jsonschema finds wrong with ``value``. A schema may not be changed once it was used here."""
    if not accepted(value, schema):
        import jsonschema  # its import alone takes longer than all that is asked of it where nothing is wrong

        yield from jsonschema.Draft202012Validator(schema).iter_errors(value)


def worst(value: Any, schema: Mapping[str, Any]) -> ValidationError | None:
    """The error that says most; None: the value is valid."""
    if accepted(value, schema):
        return None
    from jsonschema.exceptions import best_match

    found: ValidationError | None = best_match(errors(value, schema))
    return found


def accepted(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether it is valid beyond doubt. False may also mean that it cannot be told fast."""
    try:
        return _validator(schema).is_valid(value)
    except (ValueError, RecursionError):  # no JSON: jsonschema has its own view of such values
        return False


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    known = _BUILT.get(id(schema))
    if known is None:
        if len(_BUILT) >= _MOST_BUILT:
            _BUILT.clear()
        known = _BUILT[id(schema)] = (schema, Draft202012Validator(dict(schema)))
    return known[1]

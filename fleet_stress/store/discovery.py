"""Plug-ins by their place: the classes in the modules of a package, so that no list names them."""

from __future__ import annotations

import abc
import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any


def subclasses_in(path: Iterable[str], package: str, base: type) -> Iterator[Any]:
    """Subclasses of ``base`` where they are defined, in all modules below; an abstract one is a base of others.

    Args:
        path: The package's ``__path__``.
        package: Its ``__name__``.
        base: An abstract class.
    """
    for module in pkgutil.walk_packages(path, f"{package}."):
        for kind in vars(importlib.import_module(module.name)).values():
            # Before Python 3.11 inspect.isclass says yes to Mapping[str, Any], which issubclass refuses.
            own = issubclass(type(kind), abc.ABCMeta) and kind.__module__ == module.name
            if own and issubclass(kind, base) and not kind.__abstractmethods__:
                yield kind

"""Plug-ins by their place: the classes in the modules of a package, so that no list names them."""

from __future__ import annotations

import abc
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, Callable, TypeVar

_PlugIn = TypeVar("_PlugIn")


class PlugIns(Mapping[str, _PlugIn]):
    """All plug-ins of a package by name, which is that of their module.

    A module is imported when its plug-in is asked for: an arena needs two faults, and not what all of them import.
    Whoever asks for all imports all.
    """

    def __init__(
        self, path: list[str], package: str, base: type, made: Callable[[Any], _PlugIn] = lambda kind: kind
    ) -> None:
        """Take subclasses of ``base``; an abstract one is a base of others.

        Args:
            path: The package's ``__path__``.
            package: Its ``__name__``.
            base: An abstract class.
            made: What a class becomes here.
        """
        self._path, self._package, self._base, self._made = path, package, base, made
        self._modules: dict[str, str] | None = None
        #: What was asked for already; None where a module has no plug-in.
        self.loaded: dict[str, _PlugIn | None] = {}

    def __getitem__(self, name: str) -> _PlugIn:
        if name not in self.loaded and name in self._places():
            self.loaded[name] = self._load(name)
        found = self.loaded.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in sorted({*self._places(), *self.loaded}) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _places(self) -> dict[str, str]:
        """The modules below the package by their own names. Folders are imported: they hold no code."""
        if self._modules is None:
            found = pkgutil.walk_packages(self._path, f"{self._package}.")
            self._modules = {item.name.rpartition(".")[2]: item.name for item in found if not item.ispkg}
        return self._modules

    def _load(self, name: str) -> _PlugIn | None:
        place = self._places()[name]
        for kind in vars(importlib.import_module(place)).values():
            # Before Python 3.11 inspect.isclass says yes to Mapping[str, Any], which issubclass refuses.
            own = issubclass(type(kind), abc.ABCMeta) and kind.__module__ == place
            if own and issubclass(kind, self._base) and not kind.__abstractmethods__:
                found: Any = self._made(kind)
                if found.name != name:
                    raise TypeError(f"{place}: its plug-in is called {found.name!r}. Name the file after it")
                plug_in: _PlugIn = found
                return plug_in
        return None

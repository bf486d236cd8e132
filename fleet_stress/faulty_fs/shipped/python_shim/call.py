"""A replacement for a built-in function: it looks the same and does something else."""

from __future__ import annotations

from typing import Any

from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders


class Call:
    """Replaces a built-in function; only its type tells the difference."""

    # No ``__get__``: like a built-in function, it does not become a method of a class that has it as an attribute.
    __slots__ = ("_folders", "_original")

    def __init__(self, original: Any, folders: Folders) -> None:
        self._original, self._folders = original, folders

    def __init_subclass__(cls) -> None:
        for name in ("__doc__", "__module__"):  # otherwise each subclass gets its own
            setattr(cls, name, vars(Call)[name])

    def __repr__(self) -> str:
        return repr(self._original)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def __reduce__(self) -> str:
        return str(self._original.__name__)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._original)

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        return self._original.__doc__

    @property
    def __module__(self) -> Any:  # type: ignore[override]
        return self._original.__module__

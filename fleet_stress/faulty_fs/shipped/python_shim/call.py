"""What stands for a built-in function: the same to look at, and somebody else does what it is called for."""

from __future__ import annotations

from typing import Any

from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders


class Call:
    """Stands for a built-in function, and is to be told from it only by who looks at its type."""

    # No ``__get__``: as a built-in one, it does not become a method where a class has it among its names.
    __slots__ = ("_folders", "_original")

    def __init__(self, original: Any, folders: Folders) -> None:
        self._original, self._folders = original, folders

    def __init_subclass__(cls) -> None:
        for name in ("__doc__", "__module__"):  # each class has its own, unless it is told
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

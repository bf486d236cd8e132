"""Begins the stand-in, then lets the site's or the bot's own ``sitecustomize`` have its turn, as if this were none.

Python imports it by itself (site(3)); in a bot that means any Python that it starts, so it has to be readable for
all of them.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDER = os.path.dirname(_HERE)


def _begin() -> None:
    """Load it from its own folder with Python's own modules, and leave both as they were.

    What it has imported goes again: a module of the bot with the same name must be found, and one that binds functions
    of ``os`` at its import must find those that stand for them.
    """
    before, path = dict(sys.modules), list(sys.path)
    home = os.path.dirname(os.path.abspath(os.__file__))
    own = [
        one
        for one in path
        if one.endswith(".zip") or one == home or one.startswith(os.path.join(home, "lib-"))
    ]
    for name in [one for one in before if one.partition(".")[0] == "fleet_stress"]:
        del sys.modules[name]
    sys.path[:] = [os.path.join(_FOLDER, "code"), *own]
    try:
        from fleet_stress.faulty_fs.shipped.python_shim import begin

        begin.begin(_FOLDER)
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            written = str(getattr(module, "__file__", None) or "").endswith((".py", ".pyc"))
            if name not in before and written:
                del sys.modules[name]
        sys.modules.update(before)


def _tell() -> None:
    """To whoever reads the evidence: it did not begin here."""
    import traceback

    descriptor = os.open(os.path.join(_FOLDER, "met", "failed"), os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, traceback.format_exc().encode("utf-8", "replace"))
    os.close(descriptor)


try:
    if sys.version_info < (3, 8):
        raise RuntimeError("it needs Python 3.8 or newer, and this is " + sys.version.split()[0])
    _begin()
except Exception:
    try:
        _tell()
    except OSError:
        pass

sys.path[:] = [one for one in sys.path if os.path.abspath(one) != _HERE]
sys.modules.pop("sitecustomize", None)
import sitecustomize  # type: ignore[import-not-found]  # noqa: E402, F401

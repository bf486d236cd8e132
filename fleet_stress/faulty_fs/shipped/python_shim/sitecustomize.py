"""Starts the Python shim, then imports the site's or the bot's own ``sitecustomize``, as if this one did not exist.

Python imports it by itself (module ``site``), in any Python that the bot starts, so it has to run on all of them.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDER = os.path.dirname(_HERE)


def _begin() -> None:
    """Load it from its own folder with Python's own modules, and leave both as they were.

    What it imported is removed again: a module of the bot with the same name must be found, and one that binds
    functions of ``os`` when it is imported must find their replacements.
    """
    before, path = dict(sys.modules), list(sys.path)
    home = os.path.dirname(os.path.abspath(os.__file__))
    own = [
        entry
        for entry in path
        if entry.endswith(".zip") or entry == home or entry.startswith(os.path.join(home, "lib-"))
    ]
    for name in [name for name in before if name.partition(".")[0] == "fleet_stress"]:
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


def _report() -> None:
    """For the evidence: it did not start here."""
    import traceback

    descriptor = os.open(os.path.join(_FOLDER, "records", "failed"), os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, traceback.format_exc().encode("utf-8", "replace"))
    os.close(descriptor)


try:
    if sys.version_info < (3, 8):
        raise RuntimeError("it needs Python 3.8 or newer, and this is " + sys.version.split()[0])
    _begin()
except Exception:
    try:
        _report()
    except OSError:
        pass

sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _HERE]
sys.modules.pop("sitecustomize", None)
import sitecustomize  # type: ignore[import-not-found]  # noqa: E402, F401

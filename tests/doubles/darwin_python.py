"""A Python that believes to be on macOS: what Linux has and macOS has not is gone before anybody imports it.

``seal()`` is to be called first of all in a process. Afterwards ``sys.platform`` is ``darwin``, ``os``, ``signal``,
``time``, ``resource``, ``fcntl``, ``select``, ``socket`` and ``ctypes`` have no more than macOS's, signals have macOS's
numbers (in names: none may be sent by number), and ``/proc``, ``/sys`` and ``/dev/shm`` are not there. psutil alone
goes on seeing them: it stands for itself on macOS, so only what it lacks there is taken from it.

Copied to a lab's host as ``sitecustomize.py`` it makes all Pythons there so (lab/macos.py). It imports nothing of
this project.

Sources: the notes on availability in Python's own documentation of these modules, <sys/signal.h> of xnu, and psutil's
documentation. It was never compared with a real Mac.
"""

import builtins
import fnmatch
import importlib
import importlib.abc
import importlib.machinery
import os
import sys
import types

#: Not there on macOS.
_GONE = ("/proc", "/sys", "/dev/shm")
_LACKING = {
    "os": (
        *("O_PATH", "O_TMPFILE", "O_DIRECT", "O_NOATIME", "O_LARGEFILE", "O_RSYNC", "P_PIDFD"),
        *(
            "sched_*",
            "SCHED_*",
            "pidfd_*",
            "PIDFD_*",
            "memfd_create",
            "MFD_*",
            "eventfd*",
            "EFD_*",
            "timerfd*",
            "TFD_*",
        ),
        *("getrandom", "GRND_*", "copy_file_range", "splice", "SPLICE_*", "posix_fadvise", "POSIX_FADV_*"),
        *(
            "posix_fallocate",
            "fdatasync",
            "getxattr",
            "setxattr",
            "listxattr",
            "removexattr",
            "XATTR_*",
            "pipe2",
        ),
        *("*etresuid", "*etresgid", "unshare", "setns", "CLONE_*", "waitid", "RWF_*", "RTLD_DEEPBIND"),
        *("ST_NODEV", "ST_NOEXEC", "ST_SYNCHRONOUS", "ST_MANDLOCK", "ST_WRITE", "ST_APPEND", "ST_*ATIME*"),
    ),
    "signal": (
        *("SIGRTMIN", "SIGRTMAX", "SIGPWR", "SIGSTKFLT", "SIGPOLL", "SIGCLD", "SIGLOST"),
        *("sigwaitinfo", "sigtimedwait", "pidfd_send_signal"),
    ),
    "time": ("CLOCK_BOOTTIME", "CLOCK_TAI"),
    "resource": (
        *("prlimit", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_OFILE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME"),
        *("RLIMIT_SIGPENDING", "RUSAGE_THREAD"),
    ),
    "fcntl": ("F_NOTIFY", "DN_*", "F_*PIPE_SZ", "F_*SEALS", "F_SEAL_*", "F_*LEASE", "F_*SIG", "F_OFD_*"),
    "select": ("epoll", "EPOLL*", "POLLRDHUP"),
    "socket": (
        "AF_NETLINK",
        "AF_PACKET",
        "AF_VSOCK",
        "SO_PEERCRED",
        "SO_MARK",
        "SO_BINDTODEVICE",
        "TCP_USER_TIMEOUT",
    ),
    "psutil": ("IOPRIO_*", "RLIM*", "sensors_*"),
}
#: Each module, and what was taken from it.
_TAKEN = []
#: What psutil imports as well.
_EARLY = (
    "collections",
    "contextlib",
    "datetime",
    "functools",
    "glob",
    "pathlib",
    "shutil",
    "socket",
    "subprocess",
)
_EARLY += (
    "tempfile",
    "threading",
    "signal",
    "ctypes.util",
)  # for macOS it takes a part that Debian leaves out
_PROCESS_LACKING = ("ionice", "rlimit", "io_counters", "cpu_affinity", "cpu_num", "memory_maps")
#: Where macOS's numbers are others than Linux's (<sys/signal.h>).
_NUMBERS = {
    **{"SIGBUS": 10, "SIGSYS": 12, "SIGURG": 16, "SIGSTOP": 17, "SIGTSTP": 18, "SIGCONT": 19, "SIGCHLD": 20},
    **{"SIGIO": 23, "SIGUSR1": 30, "SIGUSR2": 31, "SIGEMT": 7, "SIGINFO": 29},
}
#: What os.uname() says there; the release says what it is.
UNAME = ("Darwin", "23.6.0-double", "Darwin Kernel Version 23.6.0 (a double on Linux)", "arm64")


def seal(psutil_from=None, numbers=False):
    """Make this process's Python so; ``psutil_from``: a folder with a psutil that works on the system below.

    ``numbers``: signals get macOS's numbers too, which is for a process that sends none.
    """
    machine = os.uname()
    _take_all_away()
    for name in (
        "shutil",
        "tempfile",
    ):  # what Python's start may have imported before us, and looked at what there is
        if name in sys.modules:
            importlib.reload(sys.modules[name])
    for name in _EARLY:  # so that nobody is imported while psutil sees Linux
        __import__(name)
    # Python's own loader of its build's variables looks for a file that is named after the platform.
    os.environ.setdefault("_PYTHON_SYSCONFIGDATA_NAME", _build_variables())
    sys.meta_path.insert(0, _Psutil(psutil_from))
    if psutil_from is None:
        __import__("psutil")
    if numbers:
        _renumber()
    _scproxy = types.ModuleType("_scproxy")  # urllib.request asks macOS's settings for proxies: none are set
    _scproxy._get_proxy_settings = _scproxy._get_proxies = dict
    sys.modules.setdefault("_scproxy", _scproxy)
    sys.platform = "darwin"
    os.uname = lambda: os.uname_result((UNAME[0], machine.nodename, *UNAME[1:]))
    _without_libc()
    _without_paths()


def _build_variables():
    multiarch = getattr(sys.implementation, "_multiarch", "")
    return f"_sysconfigdata_{sys.abiflags}_linux_{multiarch}"


def _take_all_away():
    _take_away("os", os)
    _take_away("os", sys.modules["posix"])
    for name in ("signal", "time", "resource", "fcntl", "select", "socket"):
        _take_away(name, __import__(name))


def _take_away(name, module):
    found = [word for word in vars(module) if any(fnmatch.fnmatchcase(word, item) for item in _LACKING[name])]
    taken = {word: getattr(module, word) for word in found}
    for word in found:
        delattr(module, word)
    _TAKEN.append((module, taken))


def _renumber():
    import enum
    import signal

    kept = {item.name: int(item) for item in signal.Signals if hasattr(signal, item.name)}
    there = enum.IntEnum("Signals", {**{k: v for k, v in kept.items() if v < 32}, **_NUMBERS})
    signal.Signals = there
    for item in there:
        setattr(signal, item.name, item)
    signal.valid_signals = lambda: set(range(1, 32))


def _poorer(psutil):
    for item in [
        word for word in vars(psutil) if any(fnmatch.fnmatchcase(word, p) for p in _LACKING["psutil"])
    ]:
        delattr(psutil, item)
    for item in _PROCESS_LACKING:
        if hasattr(psutil.Process, item):
            delattr(psutil.Process, item)


class _Psutil(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds psutil, in a folder of its own if told so, and lets it see the system below while it is imported."""

    def __init__(self, folder):
        self._folder = folder

    def find_spec(self, name, path=None, target=None):  # noqa: ARG002  # as importlib calls it
        if name != "psutil":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, self._folder and [self._folder])
        if spec is not None:
            self._real, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        return self._real.create_module(spec)

    def exec_module(self, module):
        told, sys.platform = sys.platform, "linux"
        for item, taken in _TAKEN:
            vars(item).update(taken)
        try:
            self._real.exec_module(module)
        finally:
            sys.platform = told
            for item, taken in _TAKEN:
                for word in taken:
                    delattr(item, word)
        _poorer(module)


def _without_libc():
    """Whoever calls the C library finds nothing that Linux alone has; other libraries are loaded as they are."""
    import ctypes

    real = ctypes.CDLL

    class CDLL(real):
        def __init__(self, name, *rest, **more):
            super().__init__(name, *rest, **more)
            self._of_the_system = name is None

        def __getattr__(self, name):
            if self.__dict__.get("_of_the_system") and name in _LINUX_CALLS:
                raise AttributeError(f"dlsym({name}): symbol not found")
            return super().__getattr__(name)

    ctypes.CDLL = CDLL


_LINUX_CALLS = {
    *("prctl", "unshare", "setns", "inotify_init1", "inotify_add_watch", "mount", "umount2", "pivot_root"),
    *("sched_setscheduler", "ioprio_set", "ioprio_get", "syscall", "fanotify_init", "name_to_handle_at"),
}


def _gone(path):
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    return isinstance(path, str) and path.startswith(_GONE) and not _by_psutil()


def _by_psutil():
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("psutil"):
            return True
        frame = frame.f_back
    return False


def _refusing(real):
    def refuses(path, *rest, **more):
        if _gone(path):
            raise FileNotFoundError(2, "No such file or directory (macOS has none)", path)
        return real(path, *rest, **more)

    refuses.__wrapped__ = real
    return refuses


def _without_paths():
    import io

    for name in ("stat", "lstat", "open", "listdir", "scandir", "readlink", "access", "statvfs", "chdir"):
        real = getattr(os, name)
        ours = _access(real) if name == "access" else _refusing(real)
        setattr(os, name, ours)
        for told in (
            os.supports_dir_fd,
            os.supports_fd,
            os.supports_follow_symlinks,
            os.supports_effective_ids,
        ):
            if real in told:
                told.add(ours)
    builtins.open = io.open = _refusing(io.open)


def _access(real):
    def refuses(path, *rest, **more):
        return not _gone(path) and real(path, *rest, **more)

    refuses.__wrapped__ = real
    return refuses

# Finds a Python that modules can run with and bots' users can start. Run as
#   sh -c "<this text>" find_python <wanted> <first>
# <wanted>: the only path to try, or ''. <first>: a path to try before the usual ones, or ''.
# Prints lines `fleet-stress: <word> <value>`, the rest of the output is somebody's banner:
#   uid 0 | user root | sudo yes
#   python <version> <closed folder or -> <path>     a CPython that starts; others cannot enter that folder
#   passed <path>: <why>                             one that was looked at and passed over
# Read by plugins/fleet_controller/hosts/preflight.py. Plain POSIX sh: nothing is known about the host yet.

say() { printf 'fleet-stress: %s\n' "$*"; }

say uid "$(id -u)"
say user "$(id -un)"
if command -v sudo >/dev/null 2>&1; then say sudo yes; fi

# Also parsed by Python 2. A folder that others may not enter (/root, a home) keeps a bot's user from starting
# what lies below it; pyenv and framework builds are links, so it is the real places that count.
code='
import os, sys
def closed(path):
    path = os.path.realpath(path)
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        if not os.stat(path).st_mode & 1:
            return path
    return ""
name = getattr(getattr(sys, "implementation", None), "name", "cpython")
if name != "cpython":
    sys.exit("is " + name + ", not CPython")
if sys.version_info[:2] < (3, 9):
    sys.exit("is Python %d.%d, older than 3.9" % sys.version_info[:2])
import sysconfig
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit("is a free-threaded build, for which psutil has no wheel")
try:
    import venv, zlib, ssl, fcntl
except ImportError as problem:
    sys.exit("lacks a part of the standard library: %s" % problem)
places = [sys.executable, os.__file__, sys.base_prefix + "/x"]
blocked = [found for found in map(closed, places) if found]
folder = blocked[0].replace(" ", "?") if blocked else "-"
print("%d.%d.%d %s %s" % (sys.version_info[:3] + (folder, sys.executable)))
'

tried=' '
try() {
    case "$tried" in *" $1 "*) return 0 ;; esac
    tried="$tried$1 "
    [ -x "$1" ] || return 0
    if [ "$1" = /usr/bin/python3 ] && [ "$(uname -s)" = Darwin ] && ! xcode-select -p >/dev/null 2>&1; then
        say "passed $1: a stub that opens an installer (the command line tools are not installed)"
        return 0
    fi
    if found=$("$1" -I -c "$code" 2>&1 </dev/null); then
        # The path that it has by its own account: a version manager's shim may mean another one tomorrow.
        say "python $found"
        case "$found" in *' - /'*) exit 0 ;; esac
    else
        case "$found" in
            Traceback*) say "passed $1: $(printf '%s\n' "$found" | tail -n 1)" ;;
            *) say "passed $1: $(printf '%s\n' "$found" | head -n 1)" ;;
        esac
    fi
}

if [ -n "$1" ]; then
    if [ -x "$1" ]; then try "$1"; else say "passed $1: is not there, or cannot be executed"; fi
    exit 0
fi
if [ -n "$2" ]; then try "$2"; fi
names='python3.13 python3.12 python3.11 python3.10 python3.9 python3'
try_macs() {
    for folder in /opt/homebrew/bin /usr/local/bin /Library/Frameworks/Python.framework/Versions/3.*/bin; do
        for name in $names; do try "$folder/$name"; done
    done
}
# On a Mac the Command Line Tools' own is old, and gone with them; from what Apple has signed the system strips DYLD_*
# variables besides. On other systems these folders hold what somebody has built, and the system's own comes first.
if [ "$(uname -s)" = Darwin ]; then try_macs; fi
try /usr/bin/python3
for name in $names; do try "/usr/bin/$name"; done
for name in $names; do
    path=$(command -v "$name" 2>/dev/null) && try "$path"
done
try_macs
exit 0

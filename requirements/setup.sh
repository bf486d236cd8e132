#!/bin/sh
# Sets up the project-local environment .venv from locked, hashed dependencies; does nothing when it stands.
#   requirements/setup.sh controller            what `make stress` needs
#   requirements/setup.sh controller develop    what `make test` and `make lint` need beside
# A stamp, written last, names the locks that were installed. Whatever is not as stamped is made anew from
# nothing, so the environment is what the locks say, also after a set-up that was killed half-way.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
venv="$root/.venv"

# Packages found through a variable would count as installed, and a personal `user = true` breaks every venv.
unset PYTHONPATH PYTHONHOME
export PIP_USER=0

fail() {
    printf 'fleet-stress: %s\n' "$1" >&2
    exit 1
}

# What a lock was installed for: where the environment lies, and the lock.
wanted() {
    printf '%s\n' "$root"
    cksum <"$root/requirements/$1.lock"
}

# A dangling bin/python (the Python it was made from is gone) does not count as executable.
standing() {
    [ -x "$venv/bin/python" ] || return 1
    for name in "$@"; do
        [ "$(cat "$venv/stamp-$name" 2>/dev/null)" = "$(wanted "$name")" ] || return 1
    done
}

# Nothing in it can be doubted: no lock has changed since it was installed, and no installation was cut off.
sound() {
    standing controller && [ ! -e "$venv/unfinished" ] || return 1
    for stamp in "$venv"/stamp-*; do
        standing "${stamp##*/stamp-}" || return 1
    done
}

can_make_environments() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

# Sets `python` to one that really starts, fits, and can make environments if any here can. A shim may not
# start; on a Mac without the Command Line Tools /usr/bin/python3 is a stub that opens an installer window;
# ansible-core 2.19 does not run on 3.14; and our own .venv is about to be removed.
find_python() {
    python='' macs=''
    if [ "$(uname)" = Darwin ]; then # a login by ssh has neither of Homebrew's folders in its PATH, nor python.org's
        for folder in /opt/homebrew/bin /usr/local/bin /Library/Frameworks/Python.framework/Versions/3.1[123]/bin; do
            macs="$macs $folder/python3.13 $folder/python3.12 $folder/python3.11"
        done
    fi
    for candidate in python3 python3.13 python3.12 python3.11 $macs /usr/bin/python3; do
        path=$(command -v "$candidate") || continue
        [ "$(cd "$(dirname "$path")" && pwd -P)" != "$venv/bin" ] || continue
        if [ "$path" = /usr/bin/python3 ] && [ "$(uname)" = Darwin ] && ! xcode-select -p >/dev/null 2>&1; then
            continue
        fi
        "$path" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || continue
        if can_make_environments "$path"; then
            python=$path
            return
        fi
        python=${python:-$path}
    done
    [ -n "$python" ] ||
        fail "no Python 3.11, 3.12 or 3.13 starts here (looked for python3, python3.13, python3.12, python3.11 in PATH). Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13) and run make again."
}

# Debian ships Python without what `python3 -m venv` needs to bring pip.
need_venv() {
    can_make_environments "$python" && return
    if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null; then
        echo 'fleet-stress: installing the Debian package python3-venv' >&2
        (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes python3-venv) >/dev/null </dev/null ||
            fail "apt-get could not install python3-venv, which $python needs to make an environment; it says why above. Install it by hand and run make again."
    fi
    can_make_environments "$python" ||
        fail "$python cannot make the environment $venv: its module ensurepip is missing. Install it (Debian, as root: apt-get install python3-venv) and run make again."
}

# Two at once: the second waits for the first. The lock belongs to this shell's open file, and to what it
# starts, so the kernel takes it back when they end, however they end.
take_turn() {
    exec 9>>"$root/.venv.lock"
    "$python" -c '
import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("fleet-stress: another set-up is under way here; waiting for it", file=sys.stderr)
    fcntl.flock(9, fcntl.LOCK_EX)
'
}

make_environment() {
    need_venv
    echo "fleet-stress: making .venv with $python" >&2
    rm -rf "$venv"/stamp-* "$venv" # the stamps first: nothing half removed may look finished
    "$python" -m venv "$venv"
    # Plugins import fleet_controller, everything imports the engine: both from this very checkout.
    packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n%s\n' "$root" "$root/plugins" >"$packages/fleet_stress.pth"
}

install() {
    echo "fleet-stress: installing requirements/$1.lock" >&2
    : >"$venv/unfinished"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
        --requirement "$root/requirements/$1.lock" </dev/null ||
        fail "requirements/$1.lock could not be installed into $venv; pip says why above. Without a network, pip needs a mirror (PIP_INDEX_URL) or a folder of wheels (PIP_FIND_LINKS). Then run make again."
    [ "$1" != controller ] || bring_command
    wanted "$1" >"$venv/stamp-$1"
    rm "$venv/unfinished"
}

# `fleet-stress`, of plugins/pyproject.toml: built by what the lock has just brought, from this very checkout.
bring_command() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-index --no-deps \
        --no-build-isolation --config-settings editable_mode=compat --editable "$root/plugins" </dev/null ||
        fail "the command fleet-stress could not be made in $venv; pip says why above. Remove .venv and run make again."
}

standing "$@" && exit 0
find_python
take_turn
sound || make_environment
for name in "$@"; do
    standing "$name" || install "$name"
done

#!/bin/sh
# Sets up the project-local environment .venv from locked, hashed dependencies; does nothing when it stands.
#   requirements/setup.sh controller            what `make stress` needs
#   requirements/setup.sh controller develop    what `make test` and `make lint` need beside
# A stamp, written last, names the locks that were installed: an interrupted set-up is finished by the next one.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
venv="$root/.venv"

fail() {
    printf 'fleet-stress: %s\n' "$1" >&2
    exit 1
}

# A Python that really starts and is new enough. A shim may not start; on a Mac without the Command Line Tools
# /usr/bin/python3 is a stub that opens an installer window.
find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        path=$(command -v "$candidate") || continue
        if [ "$path" = /usr/bin/python3 ] && [ "$(uname)" = Darwin ] && ! xcode-select -p >/dev/null 2>&1; then
            continue
        fi
        if "$path" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            printf '%s\n' "$path"
            return
        fi
    done
    fail "no Python 3.11, 3.12 or 3.13 starts here. Install one (Debian: apt-get install python3; macOS: brew install python@3.13) and run make again."
}

# Debian ships Python without what `python3 -m venv` needs to bring pip.
need_venv() {
    if "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        return
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo 'fleet-stress: installing python3-venv' >&2
        (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes python3-venv) >/dev/null </dev/null ||
            fail "apt-get could not install python3-venv, which $1 needs to make an environment. Install it by hand and run make again."
        return
    fi
    fail "$1 cannot make an environment: ensurepip is missing. Install it (Debian, as root: apt-get install python3-venv) and run make again."
}

# Two at once: the second waits for the first; a holder that died is not waited for.
take_turn() {
    turn="$root/.venv.lock"
    until mkdir "$turn" 2>/dev/null; do
        holder=$(cat "$turn/pid" 2>/dev/null || true)
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
            rm -rf "$turn"
            continue
        fi
        [ -n "$holder" ] || grace=$((${grace:-0} + 1))
        [ "${grace:-0}" -lt 10 ] || rm -rf "$turn"
        sleep 1
    done
    echo $$ >"$turn/pid"
    trap 'rm -rf "$turn"' EXIT
    trap 'exit 130' INT TERM HUP
}

# What the environment was made for: where it lies, and the locks.
wanted() {
    printf '%s\n' "$root"
    for name in "$@"; do
        cksum <"$root/requirements/$name.lock"
    done
}

standing() {
    for name in "$@"; do
        [ "$(cat "$venv/stamp-$name" 2>/dev/null)" = "$(wanted "$name")" ] || return 1
    done
}

standing "$@" && exit 0
take_turn
standing "$@" && exit 0

if ! [ "$(cat "$venv/stamp-made" 2>/dev/null)" = "$root" ]; then
    python=$(find_python)
    need_venv "$python"
    echo "fleet-stress: making .venv with $python" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # Plugins import fleet_controller, everything imports the engine: both from this very checkout.
    packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n%s\n' "$root" "$root/plugins" >"$packages/fleet_stress.pth"
    printf '%s\n' "$root" >"$venv/stamp-made"
fi
for name in "$@"; do
    standing "$name" && continue
    echo "fleet-stress: installing requirements/$name.lock" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
        --requirement "$root/requirements/$name.lock" </dev/null ||
        fail "requirements/$name.lock could not be installed; pip says why above. Without a network, pip needs a mirror (PIP_INDEX_URL) or a folder of wheels (PIP_FIND_LINKS)."
    wanted "$name" >"$venv/stamp-$name"
done

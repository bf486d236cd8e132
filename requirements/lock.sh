#!/bin/sh
# Writes the locks anew: every package pinned, with the hashes of all its files, for every platform.
#   requirements/lock.sh             keeps what is pinned already, where requirements/*.in allow it
#   requirements/lock.sh --upgrade   takes the newest of everything
set -eu

cd "$(dirname "$0")"

# What only older Pythons need would be left out by a newer one: locks are made by the oldest that runs Ansible.
python=''
for candidate in python3.11 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo 'fleet-stress: locks are made with Python 3.11, the oldest that they are for, and none starts here. Install it and run make lock again.' >&2
    exit 1
fi

# A machine's own settings (other indexes, folders of wheels) must not leak into the locks.
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL PIP_NO_INDEX
export PIP_CONFIG_FILE=/dev/null PIP_USER=0
export CUSTOM_COMPILE_COMMAND='make lock'

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
trap 'exit 130' INT TERM HUP
"$python" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check pip-tools==7.6.2
for name in controller develop host; do
    "$tools/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
        --no-emit-find-links --no-emit-trusted-host --output-file "$name.lock" "$@" "$name.in"
done

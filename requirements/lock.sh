#!/bin/sh
# Writes the locks anew: every package pinned, with the hashes of all its files, for every platform.
set -eu

cd "$(dirname "$0")"
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
../.venv/bin/python -m venv "$tools"
"$tools/bin/pip" install --quiet pip-tools

# A machine's own settings of pip must not leak into the locks.
unset PIP_FIND_LINKS
export CUSTOM_COMPILE_COMMAND='make lock'
for name in controller develop host; do
    "$tools/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
        --no-emit-find-links --no-emit-trusted-host --output-file "$name.lock" "$name.in"
done

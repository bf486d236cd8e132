#!/bin/sh
# The entry point of a container: prepares something, then the bot takes its place.
echo "starting" >&2
if [ "$BROKEN" = no_exec ]; then
  "$PYTHON" steady.py # the shell is told to stop, and the bot is not
else
  exec "$PYTHON" steady.py
fi

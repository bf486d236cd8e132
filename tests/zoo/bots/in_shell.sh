#!/bin/sh
# POSIX shell and awk: a number in a file.
stop=
trap 'stop=1' TERM INT
file=$STATE_DIR/state.json

replace() { # text
  printf '%s\n' "$1" > "$file.tmp" && sync "$file.tmp" && mv "$file.tmp" "$file" && sync "$STATE_DIR"
}

keep() { # orders, here
  text="{\"orders\": $1, \"here\": $2}"
  if [ "$BROKEN" = in_place ]; then
    { printf '%s' '{"orders": '; sleep 0.01; printf '%s\n' "$1, \"here\": $2}"; } > "$file"
  elif ! why=$(replace "$text" 2>&1); then
    echo "cannot write state.json: $why" >&2
    rm -f "$file.tmp"
  fi
}

rm -f "$file.tmp"
orders=$(awk '/^\{"orders": [0-9]+, "here": [0-9]+\}$/ { print $2 + 0; exit }' "$file" 2> /dev/null)
if [ -z "$orders" ] && [ -e "$file" ]; then
  echo "state.json cannot be used, starting from zero" >&2
fi
orders=${orders:-0} here=0 sleeper=
while [ -z "$stop" ]; do
  here=$((here + 1)) orders=$((orders + 1))
  # A shell that can open nothing ends: that must not be this one.
  (keep "$orders" "$here")
  [ "$here" = "${CYCLES:-0}" ] && break
  sleep "${EVERY:-5}" &
  sleeper=$!
  wait "$sleeper"
done
[ -z "$sleeper" ] || kill "$sleeper" 2> /dev/null
exit 0

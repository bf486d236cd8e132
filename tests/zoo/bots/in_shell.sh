#!/bin/sh
# POSIX shell and awk: a number in a file, and a heart beat beside it.
stop=
trap 'stop=1' TERM INT
file=$STATE_DIR/state.json

keep() { # orders, here
  text="{\"orders\": $1, \"here\": $2}"
  if [ "$BROKEN" = in_place ]; then
    { printf '%s' '{"orders": '; sleep 0.01; printf '%s\n' "$1, \"here\": $2}"; } > "$file"
  elif ! { printf '%s\n' "$text" > "$file.tmp" && sync "$file.tmp" && mv "$file.tmp" "$file" && sync "$STATE_DIR"; } \
    2> "$TMPDIR/why"; then
    echo "cannot write state.json: $(cat "$TMPDIR/why")" >&2
    rm -f "$file.tmp"
  fi
}

rm -f "$file.tmp"
orders=$(awk '/^\{"orders": [0-9]+, "here": [0-9]+\}$/ { print $2 + 0 }' "$file" 2> "$TMPDIR/why" | head -1)
[ -n "$orders" ] || { [ -e "$file" ] && echo "state.json cannot be used, starting from zero" >&2; }
orders=${orders:-0} here=0
while [ -z "$stop" ]; do
  here=$((here + 1)) orders=$((orders + 1))
  keep "$orders" "$here"
  [ "$here" = "${CYCLES:-0}" ] && break
  sleep "${EVERY:-5}" &
  wait $!
done
kill $! 2> "$TMPDIR/why"
exit 0

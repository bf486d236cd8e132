#!/bin/sh
# A feed in awk, a strategy in Perl, and trades that are appended: feed | strategy >> trades.csv
here=$(cd "$(dirname "$0")" && pwd)
trades=$STATE_DIR/trades.csv
[ "$BROKEN" = glues ] || perl "$here/pipeline.pl" repair "$trades"
[ "$BROKEN" = deaf ] || trap 'trap "" TERM INT; kill 0; wait; exit 0' TERM INT

feed() { # a price each time; it has no end without CYCLES
  n=0
  while :; do
    n=$((n + 1))
    echo $((100 + n % 7))
    [ "$n" = "${CYCLES:-0}" ] && break
    sleep "${EVERY:-5}" || break
  done
}

feed | perl "$here/pipeline.pl" trade "$trades" >> "$trades" &
wait

#!/bin/sh
# A feed, a strategy, and trades that are appended: feed | strategy >> trades.csv
here=$(cd "$(dirname "$0")" && pwd)
trades=$STATE_DIR/trades.csv
[ "$BROKEN" = glues ] || perl "$here/pipeline.pl" repair "$trades"
[ "$BROKEN" = deaf ] || trap 'trap "" TERM INT; kill 0; wait; exit 0' TERM INT

perl "$here/pipeline.pl" feed | perl "$here/pipeline.pl" trade "$trades" >> "$trades" &
wait

#!/bin/bash
# All tests but the long proofs, in two runs side by side: calls in real time, and everything else.
# Calls mostly wait (for rings, for words); the rest mostly computes, and gives way to them. With arguments: one run of pytest.
set -uo pipefail
cd "$(dirname "$0")/.."

if [ $# -gt 0 ]; then
    exec .venv/bin/pytest -m "not prove" "$@"
fi

mkdir -p .run
log=.run/test-rest.log
echo "[callbot] tests/live, tests/audio: here. Everything else beside them, shown at the end (now: tail -f $log)"
nice -n 5 .venv/bin/pytest -m "not prove" -o cache_dir=.run/pytest-rest \
    --ignore tests/live --ignore tests/audio --ignore tests/prove tests > "$log" 2>&1 &
rest=$!
trap 'kill "$rest" 2>/dev/null' EXIT
trap 'exit 130' INT TERM
.venv/bin/pytest -m "not prove" tests/live tests/audio
live=$?
wait "$rest"
others=$?
trap - EXIT
echo "[callbot] everything else:"
cat "$log"
[ "$live" -eq 0 ] || echo "[callbot] tests/live, tests/audio: pytest ended with $live (above)"
[ "$live" -eq 0 ] && [ "$others" -eq 0 ]

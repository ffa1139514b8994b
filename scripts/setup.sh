#!/usr/bin/env bash
# Everything callbot needs on this machine, step by step; a step that is done is skipped. `make setup` runs this.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/_say.sh

# Two set-ups at once (a `make run` beside a `make test`) would build into each other: the second waits for the first.
mkdir -p .run
exec 9> .run/setup.lock
flock -n 9 || { say "다른 설치가 끝나기를 기다립니다 / waiting for another set-up in this folder"; flock 9; }

scripts/setup-python.sh
scripts/setup-asterisk.sh .asterisk
scripts/setup-models.sh

# The key file and the ledger of this folder: made once, with the warning to keep a copy of the key.
if [ ! -f .state/keys.json ] || [ ! -f .state/callbot.db ] || [ migrations/versions -nt .state/callbot.db ]; then
    .venv/bin/callbot migrate
fi

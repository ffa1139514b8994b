#!/usr/bin/env bash
# .venv with exactly what requirements/*.lock say (hashes checked), and callbot itself, editable, at .venv/bin/callbot.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/_say.sh

locks=(requirements/build.lock requirements/dev.lock)
want="v1 $PWD $(hash_of "${locks[@]}") $(hash_of pyproject.toml)"
stamp=.venv/.callbot-setup
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -x .venv/bin/callbot ] && [ -e .venv/bin/python ]; then
    exit 0
fi

# A Python we support: 3.11 or 3.12.
python=
for candidate in "${PYTHON:-}" python3.11 python3.12 python3 /usr/bin/python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null &&
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    apt_install python3 || exit 1
    python=/usr/bin/python3
    "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' ||
        stop "Python 3.11 또는 3.12가 필요합니다 / Python 3.11 or 3.12 is needed; found $("$python" -V). Set PYTHON=/path/to/python3.11"
fi

# Debian splits venv off; whether it works is asked of Python, not of dpkg.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    apt_install "python3-venv" || exit 1
fi

# A .venv moved here from elsewhere, or of another Python, is made anew; never a half of each.
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ -e .venv ] && ! { [ -x .venv/bin/python ] && [ "$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.prefix)' 2>/dev/null)" = "$version $PWD/.venv" ]; }; then
    say ".venv가 이 자리의 것이 아니어서 다시 만듭니다 / .venv is not of this place or Python; making it anew"
    rm -rf .venv
fi
if [ ! -e .venv ]; then
    say "Python 환경을 만듭니다 / making .venv with $("$python" -V)"
    "$python" -m venv .venv
fi
rm -f "$stamp"

say "Python 패키지를 설치합니다 / installing the locked Python packages (about 600 MB; 1 to 4 minutes)"
pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input -qq)
hint="네트워크와 pip 설정을 확인하고 다시 실행하십시오 / check the network and the pip index, then run the same command again; what was done is kept"
"${pip[@]}" install --no-deps --require-hashes -r requirements/build.lock || stop "$hint"
with_patience "설치 중 / still installing" "${pip[@]}" install --no-deps --no-build-isolation --use-pep517 --require-hashes -r requirements/dev.lock || stop "$hint"
"${pip[@]}" install --no-deps --no-build-isolation --editable . || stop "callbot 자신을 설치하지 못했습니다 / could not install callbot itself"

printf '%s\n' "$want" > "$stamp"
say "Python 준비됨 / ready: $(.venv/bin/python -V), .venv/bin/callbot"

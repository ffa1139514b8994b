#!/usr/bin/env bash
# What only tests need: a PostgreSQL server (its programs; no cluster is made or started) and Chromium with Korean fonts.
# Where they cannot be had, the tests that need them are skipped, loudly; in CI (CI=true) that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/_say.sh

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
has_font() { compgen -G '/usr/share/fonts/truetype/nanum/*' >/dev/null || compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null; }

need=()
if ! has_postgres; then
    need+=(postgresql)
    # Debian would make and start a cluster of its own; ours are temporary ones of the tests.
    if [ "$(id -u)" = 0 ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
    fi
fi
has_chromium || need+=(chromium)
has_font || need+=(fonts-nanum)
[ ${#need[@]} -gt 0 ] || exit 0

apt_install -o Dpkg::Options::=--force-confold "${need[@]}" || :
missing=()
has_postgres || missing+=("PostgreSQL")
has_chromium || missing+=("Chromium")
has_font || missing+=("Korean fonts")
if [ ${#missing[@]} -gt 0 ]; then
    say "주의: ${missing[*]} 없음. 이것이 필요한 시험은 건너뜁니다 / WARNING: without ${missing[*]} the tests that need it are SKIPPED" >&2
    [ "${CI:-}" != true ] || stop "CI에서는 빠짐없이 시험해야 합니다 / in CI nothing may be skipped: ${missing[*]}"
fi

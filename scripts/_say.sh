# Sourced by the other scripts: plain words, and apt as whoever we are.

say() { printf '[callbot] %s\n' "$*"; }
trap 'printf "[callbot] 멈춤 / stopped: %s, line %s (see above); run the same command again after mending it\n" "$0" "$LINENO" >&2' ERR
stop() { trap - ERR; printf '[callbot] 멈춤 / stopped: %s\n' "$*" >&2; exit 1; }

# apt_install PACKAGE...: install Debian packages as root or by sudo; fails, saying the command, when we are neither.
apt_install() {
    local command=(apt-get install -y --no-install-recommends "$@")
    if [ "$(id -u)" = 0 ]; then
        local as=()
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        local as=(sudo)
    elif command -v sudo >/dev/null && [ -t 0 ]; then
        say "관리자 암호가 필요합니다 / sudo will ask for your password, to install: $*"
        local as=(sudo)
    else
        say "Debian 패키지가 필요합니다 / Debian packages are needed, and we are neither root nor in sudo. As root: ${command[*]}" >&2
        return 1
    fi
    say "Debian 패키지 설치 / installing Debian packages: $*"
    # The package lists of a fresh image are empty or old; a failed update may still leave enough to go on.
    "${as[@]}" apt-get update -qq || say "apt-get update: 일부 목록을 받지 못했습니다 / some lists could not be fetched; going on" >&2
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive "${command[@]}" -qq >/dev/null
}

# hash_of FILE...: one hash over their contents; absent files count as empty.
hash_of() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }

# with_patience WHAT COMMAND...: run the command, and say every 20 s that it is still going on.
with_patience() {
    local what=$1 beat status=0
    shift
    { for ((s = 20; ; s += 20)); do sleep 20; say "... $what (${s} s)"; done; } 9>&- &
    beat=$!
    "$@" || status=$?
    kill "$beat" 2>/dev/null || :
    wait "$beat" 2>/dev/null || :
    return "$status"
}

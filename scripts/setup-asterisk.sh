#!/usr/bin/env bash
# Asterisk 22 LTS for Debian 12, which has none: Debian forky's packages, with every library they need (its own libc too),
# unpacked into a private prefix. Nothing is installed: apt only downloads, dpkg is never called, no root is needed.
#   scripts/setup-asterisk.sh [PREFIX]         SUITE=sid to take it from another suite
set -euo pipefail
. "$(dirname "$0")/_say.sh"

prefix=$(realpath -m "${1:-.asterisk}")
suite=${SUITE:-forky}
stamp=$prefix/.stamp
# v1 is what earlier checkouts made; the unpacked tree is the same.
want="v2 $suite asterisk"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -f "$prefix/VERSION" ] && [ -x "$prefix/bin/asterisk" ]; then
    exit 0
fi

[ "$(uname -m)" = x86_64 ] || stop "이 설치는 x86_64용입니다 / this set-up knows x86_64 only; this machine is $(uname -m)"
for tool in apt-get dpkg-deb gpgv; do
    command -v "$tool" >/dev/null || stop "$tool 이 없습니다 / $tool is missing: this set-up needs a Debian 12 machine"
done
[ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || apt_install debian-archive-keyring || exit 1

# The mirror this machine already uses: deb822 (*.sources) or one-line (*.list); also `mirror+file:` of cloud images.
mirrors() {
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *//p' | tr ' ' '\n'
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p'
}
find_mirror() {
    local uri
    while read -r uri; do
        case $uri in mirror+file:*) uri=$(grep -m1 -oE '^https?://[^[:space:]]+' "${uri#mirror+file:}" || :) ;; esac
        uri=${uri%/}
        case $uri in */debian) printf '%s\n' "$uri"; return ;; esac
    done < <(mirrors)
}
mirror=$(find_mirror)
[ -n "$mirror" ] || stop "apt 설정에 데비안 미러가 없습니다 / no Debian mirror (.../debian) in /etc/apt/sources.list*: add one"

say "Asterisk를 받습니다 / fetching Asterisk 22 from $mirror $suite (80 MB; about half a minute)"
work=$(mktemp -d)
new=$prefix.new
trap 'rm -rf "$work" "$new"' EXIT
mkdir -p "$work"/etc/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} "$work"/{lists,archives}/partial "$work/log"
: > "$work/status"   # an empty package database, so that apt resolves the full closure, libc6 included
# check-valid-until=no: a frozen mirror's index may be older than its own date allows; the signature is still verified.
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg check-valid-until=no] $mirror $suite main" > "$work/etc/sources.list"
cat > "$work/apt.conf" <<C
Dir::State "$work"; Dir::State::lists "$work/lists"; Dir::State::status "$work/status"; Dir::State::extended_states "$work/ext";
Dir::Cache "$work"; Dir::Cache::archives "$work/archives"; Dir::Etc "$work/etc"; Dir::Etc::parts "apt.conf.d"; Dir::Log "$work/log";
APT::Install-Recommends "false"; APT::Sandbox::User "$(id -un)"; Acquire::Languages "none"; Acquire::Retries "3";
// GUARD. Dir::State::status does not redirect dpkg: without these lines an "install" would upgrade the libc of this machine.
APT::Get::Download-Only "true"; Dir::Bin::dpkg "/bin/false"; DPkg::Pre-Install-Pkgs { "/bin/false"; };
APT::Get::AllowUnauthenticated "false"; Acquire::AllowInsecureRepositories "false";
C
hint="네트워크와 apt 미러를 확인하고 다시 실행하십시오 / check the network and the apt mirror $mirror, then run the same command again"
APT_CONFIG="$work/apt.conf" apt-get update -qq -o APT::Update::Error-Mode=any 2>"$work/log/update" || { tail -3 "$work/log/update" >&2; stop "$hint"; }
APT_CONFIG="$work/apt.conf" apt-get install -qq -y --download-only asterisk >"$work/log/get" 2>&1 || { tail -3 "$work/log/get" >&2; stop "$hint"; }

say "Asterisk를 풉니다 / unpacking into $prefix"
rm -rf "$new"
mkdir -p "$new/bin"
find "$work/archives" -maxdepth 1 -name '*.deb' |
    grep -Ev '/(perl-modules|perl-base|gnupg|gpg|dirmngr|pinentry|passwd|adduser|login\.defs|debconf|base-passwd|libsnmp-base|tzdata|pci\.ids|libpam-)' \
    > "$work/unpack"
xargs -a "$work/unpack" -P2 -I{} sh -c 'dpkg-deb --fsys-tarfile {} | tar -x --no-same-owner -C "$0" --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale' "$new"
cat > "$new/bin/asterisk" <<'W'
#!/bin/sh
# Debian forky's Asterisk with Debian forky's own loader and libraries: no chroot, no root.
P=$(cd "$(dirname "$0")/.." && pwd)
export GCONV_PATH="$P/usr/lib/x86_64-linux-gnu/gconv"
exec "$P/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --argv0 asterisk --library-path "$P/usr/lib/x86_64-linux-gnu" "$P/usr/sbin/asterisk" "$@"
W
chmod 755 "$new/bin/asterisk" "$new"
# The package's installation script, which never ran, makes this link.
[ -e "$new/usr/share/asterisk/sounds/en" ] || ln -s en_US_f_Allison "$new/usr/share/asterisk/sounds/en"

version=$("$new/bin/asterisk" -V) || stop "받은 Asterisk가 실행되지 않습니다 / the unpacked Asterisk does not run here"
case $version in
    "Asterisk 22."*) ;;
    *) stop "$suite 에 Asterisk 22가 아니라 '$version'이 있습니다 / callbot is made for Asterisk 22; $suite has '$version'. Try SUITE=sid or a snapshot mirror" ;;
esac
{
    printf '%s\nfrom %s %s, index of %s, signature verified by apt with debian-archive-keyring\n' "$version" "$mirror" "$suite" \
        "$(sed -n 's/^Date: //p' "$work"/lists/*_InRelease | head -1)"
    while read -r deb; do
        printf '%s %s %s\n' "$(dpkg-deb -W --showformat='${Package} ${Version}' "$deb")" "$(sha256sum < "$deb" | cut -d' ' -f1)" "$(basename "$deb")"
    done < "$work/unpack" | sort
} > "$new/VERSION"
printf '%s\n' "$want" > "$new/.stamp"
rm -rf "$prefix"
mv "$new" "$prefix"
say "Asterisk 준비됨 / ready: $version (패키지 목록 / packages in $prefix/VERSION)"

#!/usr/bin/env bash
# README's two commands on a bare Debian 12 with the .NET SDK and nothing else: fresh-machine.sh [WORDS FOR test.sh]...
# As root on Debian, on request: it makes the machine with debootstrap in a folder that is thrown away, runs the demo in it until it answers,
# and then ./test.sh (with --filter and the like, where given). The repository is copied as it is committed; the SDK is this machine's own.
# FRESH_MACHINE_FOLDER names a folder that is kept: the next run goes on with the machine in it, as one that has been used before.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "fresh-machine.sh: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "only root can make a machine"
for needed in debootstrap unshare git dotnet; do command -v "$needed" >/dev/null || fail "$needed is not here"; done
# A space of mounts of its own: they are gone when this ends, however it ends.
[ "${FRESH_MACHINE:-}" = inside ] || FRESH_MACHINE=inside exec unshare --mount --pid --fork --kill-child bash "$PWD/tests/fresh-machine.sh" "$@"

kept=${FRESH_MACHINE_FOLDER:-}
root=${kept:-$(mktemp -d "${TMPDIR:-/var/tmp}/fresh-machine-XXXXXX")}
mkdir -p "$root"
chmod 755 "$root"
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
# shellcheck disable=SC2317 # The trap calls it.
end() {
  for place in "$root/proc" "$root/dev" "$root$sdk"; do umount --recursive --lazy "$place" 2>/dev/null || true; done
  # Never what is this machine's own.
  [ -n "$kept" ] || grep -qF " $root/" /proc/self/mountinfo || rm -rf "$root"
}
trap end EXIT
step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }
answers() { (exec 3<>/dev/tcp/127.0.0.1/5000 && printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3 && grep -q ' 200 ' <&3) 2>/dev/null; }
! (exec 3<>/dev/tcp/127.0.0.1/5000) 2>/dev/null || fail "something listens at port 5000, where the demo is to answer"
in_root=(chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
  DOTNET_CLI_TELEMETRY_OPTOUT=1 NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt TOKENSERVER_TESTS_FULL="${TOKENSERVER_TESTS_FULL:-}")

step "a bare Debian 12"
if [ ! -e "$root/usr/bin/apt-get" ]; then
  debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 || { tail -n 5 "$root.log" >&2; fail "debootstrap failed"; }
  rm -f "$root.log"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"

step "what README says the SDK needs, and the SDK"
"${in_root[@]}" apt-get update -qq
"${in_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates libicu72 >/dev/null 2>&1
# Whom this machine trusts to look into its connections.
mkdir -p /usr/local/share/ca-certificates
cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
"${in_root[@]}" update-ca-certificates >/dev/null 2>&1
rm -rf "$root/root/tokenserver"
mkdir -p "$root$sdk" "$root/root/tokenserver"
mount --rbind -o ro "$sdk" "$root$sdk"
ln -sf "$sdk/dotnet" "$root/usr/bin/dotnet"
git archive HEAD | tar -x -C "$root/root/tokenserver"

step "dotnet run … serve --demo"
unshare --pid --fork --kill-child "${in_root[@]}" bash -c 'cd /root/tokenserver && exec dotnet run -c Release --project src/TokenServer -- serve --demo' >"$root/demo.log" 2>&1 &
demo=$!
until answers; do
  kill -0 "$demo" 2>/dev/null || { cat "$root/demo.log" >&2; fail "the demo ended"; }
  sleep 1
done
step "the demo answers"
# unshare does not listen to SIGTERM; what it started ends with it.
kill -KILL "$demo"
wait "$demo" 2>/dev/null || true

step "./test.sh $*"
code=0
"${in_root[@]}" bash -c 'cd /root/tokenserver && exec ./test.sh "$@"' bash "$@" || code=$?
step "it ended with $code"
exit "$code"

#!/usr/bin/env bash
# Installs, starts, upgrades, removes and purges the package, on a machine of tests/machine.sh: package.sh, with two versions beside it,
# old.deb and new.deb.
set -Eeuo pipefail
here=$(cd "$(dirname "$0")" && pwd)
step() { echo "ok  $1"; }
fail() { echo "NOT $1"; journalctl --unit tokenserver --no-pager --lines 30 || true; exit 1; }
same() { [ "$2" = "$3" ] || fail "$1: '$2' is not '$3'"; }
trap 'fail "$BASH_COMMAND (line $LINENO)"' ERR
# A package of this machine's own build takes the .NET that is here, whether or not a package brought it.
put() { dpkg --force-depends --install "$here/$1" >/tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; fail "dpkg --install $1"; }; }
api() { curl --silent --fail --retry 30 --retry-all-errors --retry-delay 1 --header 'X-Forwarded-Proto: https' "$@"; }
ready() { api --retry 300 --output /dev/null http://127.0.0.1:5001/health/ready || fail "the server is not ready"; }
there() { for path in "$@"; do [ -e "$path" ] || fail "$path is gone"; done; }
gone() { for path in "$@"; do if [ -e "$path" ] || [ -L "$path" ]; then fail "$path is left"; fi; done; }
modes() { stat --format '%a %U' "$@" | tr '\n' ' '; }

put old.deb
same "owners and modes" "$(modes /etc/tokenserver /etc/tokenserver/environment /etc/tokenserver/master-key)" "700 root 600 root 600 root "
same "the master key's length" "$(base64 --decode /etc/tokenserver/master-key | wc --bytes)" 32
same "the shell of its user" "$(getent passwd tokenserver | cut -d : -f 6-)" "/var/lib/tokenserver:/usr/sbin/nologin"
same "before it is told to run it is" "$(systemctl is-active tokenserver || true)" inactive
step "installed: $(dpkg-query --show --showformat '${Version}' tokenserver)"

sed -i 's/id.example.com/id.test/' /etc/tokenserver/environment
systemctl enable --now tokenserver 2>/dev/null
ready
same "its data" "$(modes /var/lib/tokenserver /var/lib/tokenserver/tokenserver.db)" "700 tokenserver 600 tokenserver "
same "it runs as" "$(stat --format %U "/proc/$(systemctl show --property MainPID --value tokenserver)")" tokenserver
secret=$(tokenserver client add worker --grant-type client_credentials --scope openid --audience worker --introspection | sed -n 's/^client_secret //p')
token=$(api --user "worker:$secret" http://127.0.0.1:5001/connect/token --data grant_type=client_credentials | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
[ -n "$token" ] || fail "there is no token"
step "started, and commands work"
# Typed, or pasted, into a terminal.
# shellcheck disable=SC2016 # The inner shell knows the expression.
pasted=$(printf '%s\n' 'tokenserver client list 2>/dev/null' 'echo "the next line is $((1 + 1))"' exit | script --quiet --command 'bash --norc --noediting' /dev/null)
grep -q 'the next line is 2' <<<"$pasted" || fail "a line that was pasted after a command is gone: $pasted"
step "what is pasted after a command is there"

systemctl --quiet enable --now tokenserver-backup.timer
systemctl start tokenserver-backup || fail "the backup"
same "backups" "$(modes /var/backups/tokenserver /var/backups/tokenserver/*)" "700 root 600 root "
step "backed up"

before=$(systemctl show --property MainPID --value tokenserver)
put new.deb
ready
[ "$(systemctl show --property MainPID --value tokenserver)" != "$before" ] || fail "the old program runs on"
grep -q id.test /etc/tokenserver/environment || fail "the settings are not what they were"
api http://127.0.0.1:5001/.well-known/openid-configuration | grep -q https://id.test || fail "it has another issuer"
api --user "worker:$secret" http://127.0.0.1:5001/connect/token --data grant_type=client_credentials >/dev/null || fail "the client is gone"
same "its timer is" "$(systemctl is-active tokenserver-backup.timer || true)" active
step "upgraded: $(dpkg-query --show --showformat '${Version}' tokenserver), the server goes on with its data"

systemctl stop tokenserver
same "it stopped with" "$(systemctl show --property Result --value tokenserver)" success
put new.deb
same "what was stopped is, after an upgrade" "$(systemctl is-active tokenserver || true)" inactive
systemctl start tokenserver
ready
dpkg --remove tokenserver >/dev/null 2>&1 || fail "dpkg --remove"
same "removed, it is" "$(systemctl is-active tokenserver || true)" inactive
there /var/lib/tokenserver/tokenserver.db /etc/tokenserver/environment
same "removed, its timer is" "$(systemctl is-active tokenserver-backup.timer || true)" inactive
gone /usr/lib/tokenserver /usr/sbin/tokenserver /etc/systemd/system/multi-user.target.wants/tokenserver.service
step "removed; data and settings stay"

put new.deb
systemctl start tokenserver
ready
api --user "worker:$secret" http://127.0.0.1:5001/connect/token --data grant_type=client_credentials >/dev/null || fail "the client is gone"
step "installed again: it goes on"

dpkg --purge tokenserver >/dev/null 2>&1 || fail "dpkg --purge"
gone /etc/tokenserver /var/lib/tokenserver
same "backups that stay" "$(find /var/backups/tokenserver -type f | wc --lines)" 1
step "purged; backups stay"

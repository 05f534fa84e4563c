#!/usr/bin/env bash
# Checks this server in: agent.sh [checkin | status | rekey | revoke | version]. Reads etc/slowdns, keeps its check-in key in var/lib/slowdns.
# Exit: 0 ok, 1 failed, 2 wrong usage or no configuration, 3 the server is revoked, 4 the server token is not good,
# 5 stopped, since somebody else checks in with a copy of this server's keys.
set -euo pipefail
umask 077
export LC_ALL=C

readonly version=1.1.0
root=${SLOWDNS_ROOT:-${BASH_SOURCE[0]%/usr/local/lib/slowdns/agent.sh}}
if [ "$root" = "${BASH_SOURCE[0]}" ]; then root=''; fi
root=${root%/} conf=$root/etc/slowdns state=$root/var/lib/slowdns
timeout=${SLOWDNS_TIMEOUT:-30} attempts=${SLOWDNS_ATTEMPTS:-5} pause=${SLOWDNS_PAUSE:-2}
http=000 body='' error='' work='' url=''
# As the unit has it, by hand too: how curl gets through a proxy.
# shellcheck source=/dev/null
if [ -r "$conf/environment" ]; then set -a; . "$conf/environment"; set +a; fi

say() { printf '%sslowdns-agent: %s\n' "${2:+${JOURNAL_STREAM:+<$2>}}" "$1" >&2; } # say TEXT [PRIORITY, for the journal]
fail() { say "$2" 4; exit "$1"; }
setting() { sed -n "s/^$1=//p" "$conf/agent.conf"; }

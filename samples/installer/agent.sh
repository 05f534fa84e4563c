#!/usr/bin/env bash
# Checks this server in: agent.sh [checkin | status | revoke | version]. Reads agent.conf and server-token below etc/slowdns.
# Exit: 0 ok, 1 failed, 2 wrong usage or no configuration, 3 the server is revoked, 4 the server token is not good.
set -euo pipefail
umask 077
export LC_ALL=C

readonly version=1.0.0
root=${SLOWDNS_ROOT:-${BASH_SOURCE[0]%/usr/local/lib/slowdns/agent.sh}}
if [ "$root" = "${BASH_SOURCE[0]}" ]; then root=''; fi
root=${root%/} conf=$root/etc/slowdns
timeout=${SLOWDNS_TIMEOUT:-30} attempts=${SLOWDNS_ATTEMPTS:-5} pause=${SLOWDNS_PAUSE:-2}
http=000 body='' error='' work=''
# As the unit has it, by hand too: how curl gets through a proxy.
# shellcheck source=/dev/null
if [ -r "$conf/environment" ]; then set -a; . "$conf/environment"; set +a; fi

say() { printf 'slowdns-agent: %s\n' "$1" >&2; }
fail() { say "$2"; exit "$1"; }
setting() { sed -n "s/^$1=//p" "$conf/agent.conf"; }

# In the background, where a signal does not have to wait for it.
run() { "$@" </dev/null & wait "$!"; }

take() { # take NAME PATTERN: what the pattern's group matches after "NAME": in the answer, into REPLY
  local pattern="\"$1\"[[:space:]]*:[[:space:]]*$2"
  [[ $body =~ $pattern ]] && REPLY=${BASH_REMATCH[1]}
}

send() { # send METHOD PATH JSON: one try. The token is in a file of our own, since ps shows arguments.
  local options=()
  if [ -n "$3" ]; then options=(--header 'Content-Type: application/json' --data-binary "$3"); fi
  http=000 body='' error=''
  if run curl --disable --silent --show-error --globoff --request "$1" --url "$url$2" "${options[@]}" --config "$work/token" \
      --connect-timeout "$((timeout < 10 ? timeout : 10))" --max-time "$timeout" --output "$work/body" --dump-header "$work/headers" \
      --write-out '%{http_code}' >"$work/http"; then
    http=$(<"$work/http")
    if [ -e "$work/body" ]; then body=$(tr -d '\0' <"$work/body"); fi
  fi
  if [[ $http == [45]* ]] && take error '"([a-z_]+)"'; then error=$REPLY; fi
  rm -f "$work/body"
}

call() { # call METHOD PATH JSON: sends until there is an answer that a repeat would not change
  local attempt wait
  for ((attempt = 1; ; attempt++)); do
    send "$@"
    if ! [[ $http =~ ^(000|500|502|503|504)$ ]] || ((attempt >= attempts)); then break; fi
    wait=$(sed -n 's/^retry-after:[[:space:]]*\([0-9]\{1,6\}\)[[:space:]]*$/\1/Ip' "$work/headers" 2>/dev/null | tail -n 1) || true
    wait=${wait:-$pause} pause=$((pause * 2))
    run sleep "$((wait < 60 ? wait : 60))"
  done
  case $http/$error in
    200/*) return ;;
    000/*) fail 1 "$url does not answer" ;;
    401/server_revoked) return ;;
    401/*) fail 4 "$url does not know this server's token (${error:-401}): install again with a new code" ;;
    429/*) fail 1 "$url asks for patience (429): the timer comes again" ;;
    *) fail 1 "$url answered $http ${error}" ;;
  esac
}

disable_timer() {
  local systemctl=${SLOWDNS_SYSTEMCTL:-}
  if [ -z "$root" ]; then systemctl=${systemctl:-systemctl}; fi
  if [ -n "$systemctl" ]; then run "$systemctl" disable --now slowdns-agent.timer || say 'slowdns-agent.timer could not be disabled'; fi
}

finish() {
  local status=$? pid
  trap '' INT TERM HUP
  for pid in $(jobs -p); do kill "$pid" 2>/dev/null || true; done
  rm -rf -- "${work:-/nonexistent}"
  exit "$status"
}

main() {
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  case ${1:-checkin} in
    version) echo "$version" && return ;;
    checkin | status | revoke) ;;
    *) fail 2 'agent.sh [checkin | status | revoke | version]' ;;
  esac
  work=$(mktemp -d)
  url=$(setting url) || fail 2 "the settings are in $conf/agent.conf"
  [[ $(cat "$conf/server-token") =~ ^st_[A-Za-z0-9_-]+$ ]] || fail 2 "the server token is in $conf/server-token"
  printf 'header = "Authorization: Bearer %s"\n' "${BASH_REMATCH[0]}" >"$work/token"
  case ${1:-checkin} in
    checkin) call POST /checkin "{\"hostname\":\"$(setting hostname)\",\"public_ip\":\"$(setting public_ip)\",\"agent_version\":\"$version\"}" ;;
    status) call GET /status '' ;;
    revoke) call POST /revoke '{}' ;;
  esac
  if [ "${1:-}" = revoke ]; then
    disable_timer
    say "revoked. What is left to remove: ${BASH_SOURCE[0]}, $conf, $root/etc/systemd/system/slowdns-agent.{service,timer}"
  elif [ "$error" = server_revoked ]; then
    say 'this server was revoked: it checks in no more'
    disable_timer
    exit 3
  elif [ "${1:-}" = status ]; then printf '%s\n' "$body"
  else say 'checked in'; fi
}

main "$@"

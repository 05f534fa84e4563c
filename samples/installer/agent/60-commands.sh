# The commands.

checkin() {
  local key nonce
  if [ -e "$state/stopped" ]; then
    [ "$(<"$state/stopped")" = clone_suspected ] || fail 3 "this server was revoked, and checks in no more ($state/stopped)"
    say "stopped ($state/stopped): another machine has a copy of this server's keys; agent.sh rekey goes on when an administrator has said that this is the right one" 3
    exit 5
  fi
  checkin_key
  read -r key nonce <<<"$REPLY" || true
  request hostname "$(setting hostname)" public_ip "$(setting public_ip)" agent_version "$version" \
    ${key:+checkin_key "$key" checkin_nonce "$nonce"}
  call POST /checkin
  case $error in
    '') keep_checkin_key && say 'checked in' ;;
    clone_suspected) stopped_as_clone ;;
    server_revoked) revoked ;;
    *) fail 1 "$url answered $http $error" ;;
  esac
}

revoked() {
  say 'this server was revoked: it checks in no more' 3
  stop server_revoked
  exit 3
}

stopped_as_clone() {
  say "STOPPED: somebody else checks in with a copy of this server's keys (clone_suspected). This machine checks in no more." 2
  say 'An administrator has to say which machine goes on (console, Servers). On that one then run: sudo /usr/local/lib/slowdns/agent.sh rekey' 2
  stop clone_suspected
  exit 5
}

status() {
  call GET /status
  case $error in
    '') ;;
    server_revoked) revoked ;;
    *) fail 1 "$url answered $http $error" ;;
  esac
  printf '%s\n' "$body"
}

# The install's receipt and this machine's own id and host key: what was copied with the folder is not enough.
rekey() {
  local id host_key fingerprint
  [[ $(cat -- "$conf/receipt.jwt" 2>/dev/null) =~ ^[A-Za-z0-9_.-]+$ ]] || fail 2 "the receipt of the install is in $conf/receipt.jwt; it can be had again from whoever installed"
  local receipt=${BASH_REMATCH[0]}
  id=$(setting machine_id_file) host_key=$(setting host_key)
  id=$(tr -d '[:space:]' 2>/dev/null <"${id:-/etc/machine-id}") || fail 2 'this machine has no id that can be read'
  [[ $(ssh-keygen -l -E sha256 -f "${host_key:-/etc/ssh/ssh_host_ed25519_key.pub}") =~ SHA256:[A-Za-z0-9+/]{43} ]] \
    || fail 2 'the SSH host key cannot be read'
  fingerprint=${BASH_REMATCH[0]}
  rm -f -- "$work/token"
  request receipt "$receipt" machine_id "${id,,}" ssh_fingerprint "$fingerprint" hostname "$(setting hostname)" \
    public_ip "$(setting public_ip)" agent_version "$version" ratchet! true
  call POST /register
  case $error in
    '') ;;
    server_revoked) revoked ;;
    clone_suspected | rekey_not_allowed) fail 1 'no administrator has let this server in anew: that is done in the console, Servers' ;;
    machine_mismatch) fail 1 'this is not the machine of the install: its id or its SSH host key is another' ;;
    *) fail 1 "$url does not let this machine in anew ($http $error): install again with a new code" ;;
  esac
  take server_token '"(st_[A-Za-z0-9_-]+)"' || fail 1 "$url gave no token"
  keep "$conf/server-token" "$REPLY"
  keep_checkin_key
  rm -f -- "$state/stopped"
  systemctl enable --now slowdns-agent.timer || say 'slowdns-agent.timer could not be enabled'
  say 'this server goes on with new keys; those of the copy are dead'
}

revoke() {
  request
  call POST /revoke
  stop server_revoked
  say "revoked. What is left to remove: ${BASH_SOURCE[0]}, $conf, $state, $root/etc/systemd/system/slowdns-agent.{service,timer}"
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
  local command=${1:-checkin}
  case $command in
    version) echo "$version" && return ;;
    --help | -h) echo 'agent.sh [checkin | status | rekey | revoke | version]' && return ;;
    checkin | status | rekey | revoke) ;;
    *) fail 2 'agent.sh [checkin | status | rekey | revoke | version]' ;;
  esac
  work=$(mktemp -d)
  [ -r "$conf/agent.conf" ] || fail 2 "no agent is installed here, or this user may not read it: the settings are in $conf/agent.conf"
  url=$(setting url)
  [ -n "$url" ] || fail 2 "the settings are in $conf/agent.conf"
  lock
  [[ $(cat "$conf/server-token" 2>/dev/null) =~ ^st_[A-Za-z0-9_-]+$ ]] || fail 2 "the server token is in $conf/server-token"
  printf 'header = "Authorization: Bearer %s"\n' "${BASH_REMATCH[0]}" >"$work/token"
  "$command"
}

main "$@"

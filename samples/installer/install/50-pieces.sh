# What lies on the machine: put there whole or not at all, with what was there before kept for the way back.

folder() { # makes it and those above it
  if [ -z "$1" ] || [ -d "$1" ]; then return; fi
  folder "${1%/*}"
  made=("$1" "${made[@]}")
  mkdir -m 0755 -- "$1"
}

place() { # place MODE TARGET <CONTENT: whole or not at all
  local kept="$work/before-${#before[@]}"
  folder "${2%/*}"
  if [ -z "${before[$2]+seen}" ]; then
    if [ -e "$2" ]; then cp -p -- "$2" "$kept"; else kept=''; fi
    before[$2]=$kept
  fi
  cat >"$2.new"
  chmod "$1" "$2.new"
  mv -f -- "$2.new" "$2"
}

place_conf() {
  place 0600 "$conf/agent.conf" < <(printf '%s\n' "url=$url" "server_id=$server_id" "hostname=$hostname" "public_ip=$public_ip" \
    "machine_id_file=$machine_id_file" "host_key=$key")
}

place_keys() { # place_keys TOKEN: with the first check-in key, if there is one. An earlier install's timer finds both or neither.
  local token=$1
  folder "$conf"
  lock || fail 'a check-in of an earlier install does not end'
  place 0600 "$conf/server-token" <<<"$token"
  if take checkin_key '"([A-Za-z0-9_-]{16,200})"'; then
    place_state_folder
    place 0600 "$state/checkin-key" <<<"$REPLY"
  elif [ -e "$state/checkin-key" ]; then take_away "$state/checkin-key"; fi
  if [ -e "$state/stopped" ]; then take_away "$state/stopped"; fi
  exec 8<&-
}

lock() { # the lock of check-ins, on file descriptor 8
  exec 8<"$conf"
  flock --wait 300 8 9<&-
}

place_state_folder() {
  if [ -d "$state" ]; then return; fi
  folder "$state"
  chmod 0700 "$state"
}

take_away() { # take_away TARGET: what is taken back comes back
  local kept="$work/before-${#before[@]}"
  if [ -z "${before[$1]+seen}" ]; then
    cp -p -- "$1" "$kept"
    before[$1]=$kept
  fi
  rm -f -- "$1"
}

direct() { # whether curl goes to the server without a proxy (no_proxy: names, also of a domain above, or *)
  local entry entries
  IFS=', ' read -r -a entries <<<"${no_proxy:-${NO_PROXY:-}}"
  for entry in "${entries[@]}"; do
    if [[ $entry == '*' || $host == "$entry" || $host == *."${entry#.}" ]]; then return; fi
  done
  return 1
}

place_environment() { # for the unit; it may hold a proxy's password. What an earlier install left goes where no proxy is used now.
  local name value lines='' used=''
  for name in $proxies; do
    value=${!name:-}
    if [ -z "$value" ] || direct; then continue; fi
    [[ $value != *[[:cntrl:]]* ]] || fail "$name has a control character"
    # shellcheck disable=SC1003
    value=${value//'\'/'\\'} value=${value//'"'/'\"'} value=${value//'$'/'\$'} value=${value//'`'/'\`'}
    lines+="$name=\"$value\""$'\n'
    if [[ ${name,,} != no_proxy ]]; then used=1; fi
  done
  if [ -n "$used" ] || [ -e "$conf/environment" ]; then place 0600 "$conf/environment" < <(printf %s "${used:+$lines}"); fi
}

place_timer() {
  place 0644 "$units/slowdns-agent.timer" <<END
[Unit]
Description=SlowDNS check-in every $interval seconds

[Timer]
OnActiveSec=$interval
OnUnitActiveSec=$interval
AccuracySec=5
RandomizedDelaySec=10

[Install]
WantedBy=timers.target
END
}

place_service() {
  place 0644 "$units/slowdns-agent.service" <<END
[Unit]
Description=SlowDNS check-in
Documentation=$url/slowdns
Wants=network-online.target
After=network-online.target
# An agent that was told to stop has left this: a new install or agent.sh rekey takes it away.
ConditionPathExists=!$state/stopped

[Service]
Type=oneshot
ExecStart=$agent
EnvironmentFile=-$conf/environment
TimeoutStartSec=10min
StateDirectory=slowdns
StateDirectoryMode=0700
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
LockPersonality=yes
MemoryDenyWriteExecute=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
END
}

place_agent() {
  local source=$work/agent.sh
  # Not what lies beside this script, which anybody may have put into a shared folder: it will run as root.
  if [ -n "${SLOWDNS_AGENT_FILE:-}" ]; then cp -- "$SLOWDNS_AGENT_FILE" "$source"
  else
    call GET /slowdns/agent.sh
    [ "$http" = 200 ] || refused 'agent.sh could not be downloaded'
    mv -f -- "$work/body" "$source"
  fi
  if ! [[ $(head -n 1 "$source") =~ ^'#!'.*bash$ ]] || ! bash -n "$source"; then
    fail 'what came as agent.sh is no script for bash. Is SLOWDNS_URL right, or a proxy between that answers itself?'
  fi
  agent_version=$(sed -n 's/^readonly version=\([0-9A-Za-z.]*\)$/\1/p' "$source")
  place 0755 "$agent" <"$source"
}

pieces() {
  place_agent
  place_conf
  place_environment
  place_service
  place_timer
}

remove_pieces() {
  local target timer=$units/slowdns-agent.timer
  if [ -d "$conf" ]; then lock; fi # no check-in meets half of it
  if [ -n "$timer_started" ] && [ -z "${before[$timer]}" ]; then systemctl disable --now slowdns-agent.timer; fi
  for target in "${!before[@]}"; do
    rm -f -- "$target.new"
    if [ -n "${before[$target]}" ]; then cp -p -- "${before[$target]}" "$target.new" && mv -f -- "$target.new" "$target"; else rm -f -- "$target"; fi
  done
  exec 8<&-
  if ((${#made[@]})); then rmdir -- "${made[@]}" 2>/dev/null; fi
  if [ -n "$timer_started" ]; then systemctl daemon-reload; fi
  if [ -n "$timer_started" ] && [ -n "${before[$timer]}" ]; then systemctl restart slowdns-agent.timer; fi
}

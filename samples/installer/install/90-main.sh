# The order of it all, and the process that keeps signals from it.

main() {
  trap finish EXIT
  trap interrupt USR1
  trap 'signals=$((signals + 1))' TERM HUP # whoever sends these to the whole group sends them to the leader too
  trap '' PIPE # who stops reading what this says must not keep it from the release
  settings "$@"
  work=$(mktemp -d)
  if [ -n "$dry_run" ]; then
    try
    return
  fi
  # Who cannot write below /run cannot hold the lock of this machine either.
  if [ -n "$root" ]; then exec 9<"$root"; else exec 9>/run/slowdns-install.lock; fi
  flock --nonblock 9 || fail 'another installer is at work here'
  if [ -n "$upgrading" ]; then upgrade; else install_all; fi
}

install_all() {
  stage identity && identity
  stage code && ask_code
  stage precheck && precheck
  stage details && ask_details
  stage activate && activate
  stage pieces && pieces
  stage register && register
  stage check-in && check_in
  stage confirm
  confirm || refused 'the confirm failed'
  keep_receipt
  note "$hostname is installed as $server_id and checks in every $interval s"
}

try() { # --dry-run: what can be found out without changing anything on this machine
  stage identity && identity
  stage code && ask_code
  stage precheck && precheck
  note "it would write $agent, files below $conf and $state, and the units $units/slowdns-agent.{service,timer}"
  if [ -n "$challenge" ]; then note "it would prove the key ${key%.pub}$(if [ -z "$must_prove" ]; then echo ', if that is allowed (--prove)'; fi)"; fi
  note "This was a dry run: nothing has changed on this machine. The code is bound to it until $usable_until at least."
  installed=1
}

upgrade() { # a new agent with its units, for the server that is here: no code, no new keys
  stage identity
  { [ -r "$conf/agent.conf" ] && [ -r "$conf/server-token" ]; } || usage "no agent is installed here: $conf has no agent.conf and server-token"
  url=$(setting url) server_id=$(setting server_id) hostname=$(setting hostname) public_ip=$(setting public_ip)
  check_url
  proof=no SLOWDNS_MACHINE_ID_FILE=${SLOWDNS_MACHINE_ID_FILE:-$(setting machine_id_file)} SLOWDNS_SSH_HOST_KEY=${SLOWDNS_SSH_HOST_KEY:-$(setting host_key)}
  identity
  interval=$(sed -n 's/^OnUnitActiveSec=\([1-9][0-9]*\)$/\1/p' "$units/slowdns-agent.timer" 2>/dev/null) interval=${interval:-300}
  # The way to the server that the agent has.
  # shellcheck source=/dev/null
  if [ -r "$conf/environment" ]; then set -a; . "$conf/environment"; set +a; fi
  stage pieces
  place_agent
  place_conf
  place_service
  place_timer
  stage check-in && check_in
  systemctl restart slowdns-agent.timer || fail 'the timer did not start again'
  installed=1
  note "the agent of $server_id is now version $agent_version"
}

setting() { sed -n "s/^$1=//p" "$conf/agent.conf"; }

interrupt() { # not by way of exit, which would cut short a finish that has just begun
  signals=$((signals + 1))
  if [ -z "$finishing" ]; then interrupted=1 && finish; fi
}

# Bash can lose a SIGINT that comes while it waits for a command in the foreground, but not while it waits for one in the background.
# So the work is done there, where SIGINT is ignored, and learns of the first signal as a SIGUSR1.
forward() { # forward CODE: what to exit with
  signals=$((signals + 1))
  if [ -z "$asked" ]; then asked=$1 && tell; fi
}

tell() { if [ -n "${!-}" ]; then kill -USR1 "$!" || true; fi; }

lead() {
  local status=0
  asked=''
  trap 'forward 130' INT
  trap 'forward 143' TERM
  trap 'forward 129' HUP
  (main "$@") <&0 &
  exec 4>&2 2>/dev/null # bash would comment on how it ends
  if [ -n "$asked" ]; then tell; fi
  await "$!" || status=$?
  if [ "$status" = 138 ]; then printf 'NOT installed: interrupted\n' >&4; fi # before there was a trap for it
  if [ -n "$asked" ] && [[ $status != [03] ]]; then status=$asked; fi
  return "$status"
}

help() {
  cat <<'END'
Installs the SlowDNS agent on this machine with an install code.

  sudo SLOWDNS_URL=https://id.example.com bash install.sh [--dry-run] [--prove | --no-proof]
  sudo bash install.sh --upgrade

The code comes from the server's page, https://id.example.com/slowdns, which shows the install as it goes on. What is not set is asked for.
Behind a proxy: sudo https_proxy=http://proxy.example.com:3128 SLOWDNS_URL=… bash install.sh

  --dry-run                  looks at this machine and asks the server about the code, and changes nothing here (the code is then bound to this machine)
  --upgrade                  puts the present agent and its units in the place of those that are here; needs no code
  --prove, --no-proof        let ssh-keygen sign with the SSH host key, which proves that this machine has it, or do not; else it is asked at a terminal
                             and left out where there is none. The key is not copied. With --prove a key that cannot sign ends the install.

  SLOWDNS_URL                the server
  SLOWDNS_INSTALL_CODE       the code
  SLOWDNS_HOSTNAME           the DNS name of this machine, such as ns1.example.com
  SLOWDNS_PUBLIC_IP          its public address
  SLOWDNS_REF                branch or tag (main)
  SLOWDNS_HOST_KEY_PROOF     yes or no, as --prove and --no-proof
  SLOWDNS_MACHINE_ID_FILE    where the machine id is (/etc/machine-id)
  SLOWDNS_SSH_HOST_KEY       public key of the SSH server (the one in /etc/ssh)
  SLOWDNS_TIMEOUT            seconds a try (30); SLOWDNS_ATTEMPTS tries (5), SLOWDNS_PAUSE seconds before the second one (2)
  SLOWDNS_ALLOW_HTTP=1       http:// on a network of your own
  SLOWDNS_ROOT               a folder to install into instead of this machine; SLOWDNS_SYSTEMCTL the systemctl

Exit: 0 installed and confirmed; 1 failed, and the code is free again; 2 wrong settings, nothing was sent;
3 failed, and the release was not delivered: it says how to do that by hand. Ctrl-C takes everything back.
The receipt of the install is then etc/slowdns/receipt.jwt.
END
}

if [ "$*" = --help ] || [ "$*" = -h ]; then help; else lead "$@"; fi

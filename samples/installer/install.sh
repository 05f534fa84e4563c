#!/usr/bin/env bash
# Installs the SlowDNS agent on this machine with an install code: precheck, activate, pieces, register, check-in, confirm.
# Until the confirm has arrived every end of this script, signals too, takes everything back and releases the code.
# Settings are environment variables (--help). Exit: 0 installed, 1 failed, 2 wrong settings, 3 the release was not delivered.
set -euo pipefail
umask 077
export LC_ALL=C

readonly version=1.0.0 api=/api/v2/slowdns/install
# By these curl finds its way through a proxy; a unit does not have them from this shell.
readonly proxies='http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY'
readonly jwt='"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"' time='"([0-9T:.+Z-]+)"'

url='' host='' root='' systemctl='' agent='' units='' conf='' ref=''
work='' terminal='' tty_state='' interval=300 timeout='' attempts='' first_pause=''
code='' hostname='' public_ip='' machine_id='' fingerprint=''
precheck_token='' usable_until='' activation_id='' install_token='' server_id=''
http=000 body='' error='' tries=0 # of the last answer
code_sent='' activating='' confirming='' timer_started='' installed=''
ending=1 explained='' dead_code='' interrupted='' finishing='' signals=0
declare -A before=() # what was written: its copy from before, or nothing if it is new
made=()              # folders that are new, the innermost first

stage() { printf '==> %s\n' "$1" >&2; }
note() { printf '    %s\n' "$1" >&2; }
fail() { printf 'NOT installed: %s\n' "${1#installed: }" >&2; explained=1; exit 1; }
usage() { ending=2; fail "installed: $1"; }
in_seconds() { date -d "+$1 seconds" '+%F %T %Z'; }

# Bash runs a trap only after a command in the foreground has ended, but at once while it waits for one in the background.
# The trap then has the redirections of this function's call, so none of them may be of standard error.
# In the end nothing is to be interrupted any more.
run() {
  if [ -z "$finishing" ]; then
    "$@" 9<&- </dev/null &
    await "$!"
  else "$@" 9<&- </dev/null; fi
}

await() { # await PID: how it ended. Only a wait that no signal has cut short tells.
  local seen status
  while seen=$signals; do
    status=0
    wait "$1" || status=$?
    if [ "$signals" = "$seen" ]; then return "$status"; fi
  done
}

systemctl() { if [ -n "$systemctl" ]; then run timeout --signal=KILL 60 "$systemctl" "$@"; fi; }

number() { # number VARIABLE SETTING DEFAULT LEAST
  local value=${!2:-$3}
  if ! [[ $value =~ ^(0|[1-9][0-9]{0,4})$ ]] || ((value < $4)); then usage "$2 is a whole number from $4 on"; fi
  printf -v "$1" %s "$value"
}

check_url() {
  while [[ $url == */ ]]; do url=${url%/}; done
  [[ $url =~ ^https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$ ]] \
    || usage 'SLOWDNS_URL is an address such as https://id.example.com'
  host=${BASH_REMATCH[1]}
  if [[ $url == https://* || $host =~ ^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])$ || ${SLOWDNS_ALLOW_HTTP:-} == 1 ]]; then return; fi
  usage 'http:// would send the code and the tokens in the clear: use https:// (or SLOWDNS_ALLOW_HTTP=1 on a network of your own)'
}

valid_hostname() { [[ ${#1} -le 253 && $1 =~ ^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$ ]]; }
valid_ip() { [[ $1 =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ || $1 =~ ^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$ ]]; }

clean_code() { # word processors and chats put other dashes, blanks and what cannot be seen into a code
  code=${code//[$'\r\n\t\v\f']/}
  code=${code//$'\xe2\x80'[$'\x90'-$'\x95']/-} code=${code//$'\xe2\x88\x92'/-}                                  # U+2010–2015, U+2212
  code=${code//$'\xe2\x80'[$'\x8b'-$'\x8f']/} code=${code//$'\xe2\x81'[$'\xa0'-$'\xa4']/}                       # U+200B–200F, U+2060–2064
  code=${code//$'\xef\xbb\xbf'/} code=${code//$'\xc2\xad'/}                                                     # U+FEFF, U+00AD
  code=${code//$'\xc2\xa0'/ } code=${code//$'\xe2\x80'[$'\x80'-$'\x8a'$'\xaf']/ } code=${code//$'\xe3\x80\x80'/ } # blanks
}

valid_code() { [[ $1 =~ ^[A-Za-z0-9\ -]{1,64}$ ]]; }

ask() { # ask PROMPT: a line from the terminal, into REPLY
  printf '%s' "$1" >&2
  read -r -u 3 REPLY || fail 'the terminal has closed'
}

settings() {
  (($# == 0)) || usage 'there are no arguments but --help: the settings are environment variables, where ps does not show them'
  if [ -t 0 ]; then exec 3<&0 && terminal=1
  elif (: </dev/tty) 2>/dev/null; then exec 3</dev/tty && terminal=1; fi
  number timeout SLOWDNS_TIMEOUT 30 1
  number attempts SLOWDNS_ATTEMPTS 5 1
  number first_pause SLOWDNS_PAUSE 2 0
  url=${SLOWDNS_URL:-} code=${SLOWDNS_INSTALL_CODE:-} ref=${SLOWDNS_REF:-main}
  hostname=${SLOWDNS_HOSTNAME:-} hostname=${hostname%.} public_ip=${SLOWDNS_PUBLIC_IP:-}
  unset SLOWDNS_INSTALL_CODE
  clean_code
  root=${SLOWDNS_ROOT:-} systemctl=${SLOWDNS_SYSTEMCTL:-}
  if [ -n "$root" ]; then
    [ -d "$root" ] || usage "SLOWDNS_ROOT is a folder: there is no $root"
    root=$(cd -- "$root" && pwd) root=${root%/}
  fi
  [[ $root =~ ^[A-Za-z0-9._/-]*$ ]] || usage 'SLOWDNS_ROOT is a path without spaces and special characters'
  if [ -z "$root" ]; then
    [ "$EUID" = 0 ] || usage 'this needs root: sudo SLOWDNS_URL=https://id.example.com bash install.sh'
    systemctl=${systemctl:-systemctl}
  fi
  agent=$root/usr/local/lib/slowdns/agent.sh units=$root/etc/systemd/system conf=$root/etc/slowdns
  [[ $ref =~ ^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$ ]] || usage 'SLOWDNS_REF is a branch or tag'
  [ -z "$hostname" ] || valid_hostname "$hostname" || usage 'SLOWDNS_HOSTNAME is a name such as ns1.example.com'
  [ -z "$public_ip" ] || valid_ip "$public_ip" || usage 'SLOWDNS_PUBLIC_IP is an IPv4 or IPv6 address'
  [ -z "$code" ] || valid_code "$code" || usage 'SLOWDNS_INSTALL_CODE is a code such as IPT-SD-XXXXXX-XXXXXX-XXXXXX'
  [ -n "$terminal" ] || { [ -n "$url" ] && [ -n "$code" ] && [ -n "$hostname" ] && [ -n "$public_ip" ]; } \
    || usage 'there is no terminal to ask at: set SLOWDNS_URL, SLOWDNS_INSTALL_CODE, SLOWDNS_HOSTNAME and SLOWDNS_PUBLIC_IP'
  if [ -z "$url" ]; then ask 'Address of the server: ' && url=$REPLY; fi
  check_url
}

request() { # request NAME VALUE …: writes a JSON object of strings for the next call. A file, since ps shows arguments.
  local json='' text
  while (($#)); do # no value has control characters: all are checked where they come from
    text=${2//"\\"/"\\\\"}
    json+="${json:+,}\"$1\":\"${text//'"'/'\"'}\""
    shift 2
  done
  printf '{%s}' "$json" >"$work/request"
}

take() { # take NAME PATTERN: what the pattern's group matches after "NAME": in the answer, into REPLY
  local pattern="\"$1\"[[:space:]]*:[[:space:]]*$2"
  [[ $body =~ $pattern ]] && REPLY=${BASH_REMATCH[1]}
}

send() { # send METHOD PATH: one try. Leaves $http (000: no whole answer), $body and, of a refusal, $error.
  local options=()
  if [ "$1" = POST ]; then options=(--header 'Content-Type: application/json' --data-binary "@$work/request"); fi
  http=000 body='' error=''
  : >"$work/body" && : >"$work/headers"
  if run curl --disable --silent --show-error --globoff --request "$1" --url "$url$2" "${options[@]}" \
      --connect-timeout "$((timeout < 10 ? timeout : 10))" --max-time "$timeout" --max-filesize 1048576 \
      --dump-header "$work/headers" --output "$work/body" --write-out '%{http_code}' --stderr "$work/curl" >"$work/http"; then
    http=$(<"$work/http") body=$(tr -d '\0' <"$work/body")
  fi
  if [[ $http == [45]* ]] && { take code '"([a-z_]+)"' || take error '"([a-z_]+)"'; }; then error=$REPLY; fi
}

retry_after() { sed -n 's/^retry-after:[[:space:]]*\([0-9]\{1,6\}\)[[:space:]]*$/\1/Ip' "$work/headers" | tail -n 1; }

unanswered() { [[ $http =~ ^(000|500|502|503|504)$ ]]; }

call() { # call METHOD PATH: sends until there is an answer that a repeat would not change
  local pause=$first_pause wait
  for ((tries = 1; ; tries++)); do
    send "$1" "$2"
    unanswered || return 0
    note "$(if [ "$http" = 000 ]; then tail -n 1 "$work/curl"; else printf 'the server answered %s' "$http"; fi)"
    ((tries < attempts)) || return 0
    wait=$(retry_after) wait=${wait:-$pause} pause=$((pause * 2))
    wait=$((wait < 60 ? wait : 60))
    note "again in $wait s ($tries of $attempts)"
    run sleep "$wait"
  done
}

explain() { # one sentence for each error code of the server
  case $error in
    install_code_invalid) echo 'The server does not know this code. Look for a typing error, or get a new one.' ;;
    install_code_expired) echo 'The code has expired.' ;;
    install_code_revoked) echo 'The code was revoked by an administrator.' ;;
    install_code_used) echo 'The code is in use with another host name or address, or was used up. Repeat with the first ones, or get a new code.' ;;
    machine_mismatch) echo 'The code belongs to another machine. Go on there, or get a new code for this one.' ;;
    precheck_token_invalid | precheck_token_expired) echo 'The precheck is no longer good. Run this again.' ;;
    install_token_invalid | install_token_expired) echo 'The activation is no longer good: it lasts ten minutes. Run this again.' ;;
    install_token_consumed | activation_confirmed) echo 'This activation was confirmed already.' ;;
    activation_released) echo 'The activation was released meanwhile, by another run or an administrator. Run this again.' ;;
    activation_not_found) echo 'The server does not know this activation. Run this again.' ;;
    product_not_supported) echo 'The server does not install slowdns. Is SLOWDNS_URL right?' ;;
    invalid_request) echo 'The server does not accept one of the values.' ;;
    payload_too_large | method_not_allowed | unsupported_media_type) echo 'Server and installer do not fit together. Get the present install.sh.' ;;
    not_found | browser_session_required | cross_site_request) echo 'The installer has no such route there. Is SLOWDNS_URL right?' ;;
    https_required) echo 'The server wants https://. Set SLOWDNS_URL so.' ;;
    invalid_token | server_revoked) echo 'The server was revoked meanwhile. Run this again.' ;;
    internal_error | unavailable) echo 'The server has trouble of its own. Try again later.' ;;
    *) echo "The server's answer is not one of an install server. Is SLOWDNS_URL right?" ;;
  esac
}

refused() { # refused WHAT: ends with what the last answer means
  local seconds when=later message=''
  if [ "$http" = 000 ]; then fail "$1: the server does not answer. Is it reachable from here?"; fi
  if [ "$http" = 429 ]; then
    seconds=$(retry_after)
    if [ -n "$seconds" ]; then when="in $seconds s, at $(in_seconds "$seconds")"; fi
    fail "$1: too many requests (429). Try again $when."
  fi
  case $error in install_code_* | machine_mismatch) dead_code=1 ;; esac
  if take message '"(([^"\\]|\\.)*)"'; then message=$(printf %b "${REPLY//'\"'/'"'}" | tr -cd '[:print:]'); fi
  fail "$1: $(explain) (${http}${error:+ $error}${message:+: $message})"
}

need() { take "$@" || fail "the server's answer has no proper $1"; }

identity() {
  local key file=$root/etc/machine-id
  if [ ! -e "$file" ]; then file=/etc/machine-id; fi
  file=${SLOWDNS_MACHINE_ID_FILE:-$file}
  if ! machine_id=$(tr -d '[:space:]' <"$file"); then
    usage "the machine id is in no file that can be read: $file, see above. Make one with systemd-machine-id-setup, or set SLOWDNS_MACHINE_ID_FILE"
  fi
  machine_id=${machine_id,,}
  [[ $machine_id =~ ^[0-9a-f]{32}$ ]] \
    || usage "$file does not have the 32 hexadecimal digits of a machine id. Delete it and run systemd-machine-id-setup, or set SLOWDNS_MACHINE_ID_FILE"
  [[ $machine_id =~ [^0] ]] || usage "$file has a machine id of zeros, which is nobody's. Delete it and run systemd-machine-id-setup"
  for key in /etc/ssh/ssh_host_{ed25519,ecdsa,rsa}_key.pub; do if [ -e "$key" ]; then break; fi; done
  key=${SLOWDNS_SSH_HOST_KEY:-$key}
  run ssh-keygen -l -E sha256 -f "$key" >"$work/fingerprint" \
    || usage "$key is no public key of an SSH server that ssh-keygen can read. Make one with ssh-keygen -A, or set SLOWDNS_SSH_HOST_KEY"
  [[ $(<"$work/fingerprint") =~ SHA256:[A-Za-z0-9+/]{43} ]] || usage "ssh-keygen tells no SHA256 fingerprint of $key. It must be of OpenSSH 6.8 or later"
  fingerprint=${BASH_REMATCH[0]}
}

ask_code() {
  [ -z "$code" ] || return 0
  tty_state=$(stty -g <&3)
  stty -echo <&3
  ask 'Install code (it is not shown): '
  stty "$tty_state" <&3
  printf '\n' >&2
  code=$REPLY
  clean_code
  valid_code "$code" || usage 'a code looks like IPT-SD-XXXXXX-XXXXXX-XXXXXX'
}

precheck() {
  code_sent=1
  request install_code "$code" machine_id "$machine_id" ssh_fingerprint "$fingerprint" product slowdns installer_version "$version"
  call POST "$api/precheck"
  [ "$http" = 200 ] || refused 'the precheck failed'
  need precheck_token "$jwt" && precheck_token=$REPLY
  need precheck_expires_at "$time" && usable_until=$REPLY
  if take install_code_hint '"([A-Z0-9.-]+)"'; then note "the code $REPLY is good for this machine"; fi
}

ask_details() {
  [ -z "$hostname" ] || [ -z "$public_ip" ] || return 0
  local name=$hostname address=$public_ip
  while true; do
    while [ -z "$hostname" ]; do ask 'Host name of this machine, as ns1.example.com: '; REPLY=${REPLY%.}; if valid_hostname "$REPLY"; then hostname=$REPLY; fi; done
    while [ -z "$public_ip" ]; do ask 'Public IP address: '; if valid_ip "$REPLY"; then public_ip=$REPLY; fi; done
    ask "Install as $hostname at $public_ip? [y/n] "
    if [[ $REPLY == [yY]* ]]; then return; fi
    hostname=$name public_ip=$address
  done
}

ask_activation() {
  activating=1
  request install_code "$code" precheck_token "$precheck_token" hostname "$hostname" public_ip "$public_ip" machine_id "$machine_id" \
    ssh_fingerprint "$fingerprint" requested_ref "$ref" installer_version "$version"
  call POST "$api/activate"
  if [[ $http == 4* ]]; then activating=''; fi
}

activate() {
  ask_activation
  if [ "$error" = precheck_token_expired ]; then
    note 'the precheck has expired: once more'
    precheck
    ask_activation
  fi
  [ "$http" = 200 ] || refused 'the activation failed'
  need activation_id '"(act_[0-9A-Za-z]+)"' && activation_id=$REPLY
  need install_token "$jwt" && install_token=$REPLY
  need install_token_expires_at "$time" && usable_until=$REPLY
}

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
  place 0600 "$conf/agent.conf" < <(printf '%s\n' "url=$url" "server_id=$server_id" "hostname=$hostname" "public_ip=$public_ip")
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
    [[ $value != *[[:cntrl:]]* ]] || fail "installed: $name has a control character"
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

[Install]
WantedBy=timers.target
END
}

pieces() {
  local source=$work/agent.sh
  # Not what lies beside this script, which anybody may have put into a shared folder: it will run as root.
  if [ -n "${SLOWDNS_AGENT_FILE:-}" ]; then cp -- "$SLOWDNS_AGENT_FILE" "$source"
  else
    call GET /slowdns/agent.sh
    [ "$http" = 200 ] || refused 'agent.sh could not be downloaded'
    mv -f -- "$work/body" "$source"
  fi
  if ! [[ $(head -n 1 "$source") =~ ^'#!'.*bash$ ]] || ! bash -n "$source"; then
    fail 'installed: what came as agent.sh is no script for bash. Is SLOWDNS_URL right, or a proxy between that answers itself?'
  fi
  agent_version=$(sed -n 's/^readonly version=\([0-9A-Za-z.]*\)$/\1/p' "$source")
  place 0755 "$agent" <"$source"
  place_conf
  place_environment
  place 0644 "$units/slowdns-agent.service" <<END
[Unit]
Description=SlowDNS check-in
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=$agent
EnvironmentFile=-$conf/environment
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
END
  place_timer
}

register() {
  request install_token "$install_token" machine_id "$machine_id" ssh_fingerprint "$fingerprint" hostname "$hostname" \
    public_ip "$public_ip" agent_version "$agent_version"
  call POST /register
  [[ $http == 20[01] ]] || refused 'the registration failed'
  need server_id '"(srv_[A-Za-z0-9_-]+)"' && server_id=$REPLY
  need checkin_interval_seconds '([1-9][0-9]{0,5})[[:space:]]*[,}]' && interval=$REPLY
  need server_token '"(st_[A-Za-z0-9_-]+)"'
  place 0600 "$conf/server-token" <<<"$REPLY"
  place_conf
  place_timer
}

check_in() { # as the unit will do it: with its environment, not with this shell's
  local name kept=("PATH=$PATH")
  if [ -z "$root" ]; then kept=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin); fi
  for name in TMPDIR SLOWDNS_TIMEOUT SLOWDNS_ATTEMPTS SLOWDNS_PAUSE SLOWDNS_SYSTEMCTL; do
    if [ -n "${!name:-}" ]; then kept+=("$name=${!name}"); fi
  done
  run env --ignore-environment --chdir=/ "${kept[@]}" bash "$agent" || fail 'the first check-in failed'
  timer_started=1
  { systemctl daemon-reload && systemctl enable --now slowdns-agent.timer && systemctl is-active --quiet slowdns-agent.timer; } \
    || fail 'the timer did not start: systemctl status slowdns-agent.timer says why'
}

# An answer that consumed the token before counts: the one to an earlier try was lost.
confirm() {
  confirming=1
  request activation_id "$activation_id" install_token "$install_token"
  call POST "$api/confirm"
  if [ "$http" = 200 ] || [ "$error" = install_token_consumed ]; then installed=1; return 0; fi
  unanswered || confirming=''
  return 1
}

release() { # 0: the activation is over; 1: nobody knows. It may turn out that the confirm had arrived.
  if [ -n "$confirming" ]; then
    note 'was it confirmed?'
    attempts=1 confirm && return 0 # a return alone would say, in a trap, how the command before that went
  fi
  stage release
  request activation_id "$activation_id"
  call POST "$api/release"
  case $http/$error in
    # Only the first answer says true, so where that was lost the code may be free: trying it says more.
    200/*) take install_code_restored '(true)' || ((tries > 1)) || dead_code=1 ;;
    409/activation_confirmed) installed=1 ;;
    404/activation_not_found | 410/install_code_revoked) dead_code=1 ;;
    *) return 1 ;;
  esac
}

remove_pieces() {
  local target timer=$units/slowdns-agent.timer
  if [ -n "$timer_started" ] && [ -z "${before[$timer]}" ]; then systemctl disable --now slowdns-agent.timer; fi
  for target in "${!before[@]}"; do
    rm -f -- "$target.new"
    if [ -n "${before[$target]}" ]; then cp -p -- "${before[$target]}" "$target.new" && mv -f -- "$target.new" "$target"; else rm -f -- "$target"; fi
  done
  if ((${#made[@]})); then rmdir -- "${made[@]}" 2>/dev/null; fi
  if [ -n "$timer_started" ]; then systemctl daemon-reload; fi
  if [ -n "$timer_started" ] && [ -n "${before[$timer]}" ]; then systemctl restart slowdns-agent.timer; fi
}

undelivered() {
  note "The release of $activation_id could not be delivered. Do it by hand when the server answers again:"
  note "  curl -H 'Content-Type: application/json' -d '{\"activation_id\":\"$activation_id\"}' $url$api/release"
  note "Or run this again on this machine with the same code, host name and address (until $usable_until at least): it leads on."
  [ -z "$confirming" ] || note "The confirm may have arrived, so the pieces are left in place; if the release answers activation_confirmed, all is well."
}

what_now() {
  if [ -n "$dead_code" ]; then note "Get a new code at $url/slowdns and run this again."
  elif [ -n "$activation_id" ]; then note "The code is free again: run this again with the same code before $(in_seconds 300)."
  elif [ -n "$activating" ]; then note "The activation may have arrived: the code is bound to this machine until it expires, and running this again here leads on."
  elif [ -n "$code_sent" ]; then note "The same code can be tried again from this machine${usable_until:+ until $usable_until at least}, as long as it has not expired."
  else note 'Nothing was sent and nothing changed.'; fi
}

finish() {
  local status=$? pid why='something on this machine did not work, see above'
  finishing=1
  trap - EXIT
  trap '' TERM HUP # a second one must not cut the release short
  set +e
  # Who sends a signal to the whole group may end a command here before it is told.
  if [ -n "$interrupted" ] || [[ $status =~ ^(129|143)$ ]]; then status=130 why='interrupted'; else status=$ending; fi
  for pid in $(jobs -p); do kill "$pid"; while kill -0 "$pid"; do wait "$pid"; done; done 2>/dev/null
  if [ -n "$tty_state" ]; then stty "$tty_state" <&3; fi
  if [ -z "$installed" ]; then
    [ -n "$explained" ] || printf 'NOT installed: %s\n' "$why" >&2
    if [ -n "$activation_id" ] && ! release; then status=3; fi
    if [ -n "$installed" ]; then note 'the confirm had arrived'
    elif [ "$status" = 3 ]; then [ -n "$confirming" ] || remove_pieces; undelivered
    else remove_pieces; what_now; fi
  fi
  rm -rf -- "${work:-/nonexistent}"
  if [ -n "$installed" ]; then status=0; stage 'done'; fi
  exit "$status"
}

main() {
  trap finish EXIT
  trap interrupt USR1
  trap 'signals=$((signals + 1))' TERM HUP # whoever sends these to the whole group sends them to the leader too
  trap '' PIPE # who stops reading what this says must not keep it from the release
  settings "$@"
  work=$(mktemp -d)
  # Who cannot write below /run cannot hold the lock of this machine either.
  if [ -n "$root" ]; then exec 9<"$root"; else exec 9>/run/slowdns-install.lock; fi
  flock --nonblock 9 || fail 'another installer is at work here'
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
  note "$hostname is installed as $server_id and checks in every $interval s"
}

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

  sudo SLOWDNS_URL=https://id.example.com bash install.sh

The code comes from the server's page, https://id.example.com/slowdns. What is not set is asked for.
Behind a proxy: sudo https_proxy=http://proxy.example.com:3128 SLOWDNS_URL=… bash install.sh

  SLOWDNS_URL                the server
  SLOWDNS_INSTALL_CODE       the code
  SLOWDNS_HOSTNAME           the DNS name of this machine, such as ns1.example.com
  SLOWDNS_PUBLIC_IP          its public address
  SLOWDNS_REF                branch or tag (main)
  SLOWDNS_MACHINE_ID_FILE    where the machine id is (/etc/machine-id)
  SLOWDNS_SSH_HOST_KEY       public key of the SSH server (the one in /etc/ssh)
  SLOWDNS_TIMEOUT            seconds a try (30); SLOWDNS_ATTEMPTS tries (5), SLOWDNS_PAUSE seconds before the second one (2)
  SLOWDNS_ALLOW_HTTP=1       http:// on a network of your own
  SLOWDNS_ROOT               a folder to install into instead of this machine; SLOWDNS_SYSTEMCTL the systemctl

Exit: 0 installed and confirmed; 1 failed, and the code is free again; 2 wrong settings, nothing was sent;
3 failed, and the release was not delivered: it says how to do that by hand. Ctrl-C takes everything back.
END
}

if [ "$*" = --help ] || [ "$*" = -h ]; then help; else lead "$@"; fi

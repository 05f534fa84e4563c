# The steps that go to the server.

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
  local proving=()
  code_sent=1 challenge=''
  if [ -n "$public_key" ]; then proving=(ssh_public_key "$public_key"); fi
  request install_code "$code" machine_id "$machine_id" ssh_fingerprint "$fingerprint" product slowdns installer_version "$version" "${proving[@]}"
  call POST "$api/precheck"
  if [ "$error" = host_key_not_supported ]; then
    without_proof "the server takes no proof by $key ($(message));"
    precheck
    return
  fi
  if [[ $error == invalid_request && -z $public_key && $(message) == *ssh_public_key* ]]; then
    fail "the precheck failed: the server asks every machine to prove its SSH host key, and here ${unproven:-there is no proof}"
  fi
  [ "$http" = 200 ] || refused 'the precheck failed'
  need precheck_token "$jwt" && precheck_token=$REPLY
  need precheck_expires_at "$time" && usable_until=$REPLY
  if [ -n "$public_key" ] && take challenge '"([A-Za-z0-9_-]{43})"'; then challenge=$REPLY
  elif [ -n "$must_prove" ]; then fail 'the server takes no proof by a host key, so nothing was installed; without --prove it would be'; fi
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
  local proving=()
  if [ -n "$challenge" ]; then
    sign
    proving=(ssh_signature "$REPLY")
  fi
  activating=1
  request install_code "$code" precheck_token "$precheck_token" hostname "$hostname" public_ip "$public_ip" machine_id "$machine_id" \
    ssh_fingerprint "$fingerprint" requested_ref "$ref" installer_version "$version" "${proving[@]}"
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
  if [ -n "$challenge" ]; then note "the server has seen this machine prove its key ${key%.pub}"; fi
}

register() {
  request install_token "$install_token" machine_id "$machine_id" ssh_fingerprint "$fingerprint" hostname "$hostname" \
    public_ip "$public_ip" agent_version "$agent_version" ratchet! true
  call POST /register
  [[ $http == 20[01] ]] || refused 'the registration failed'
  need server_id '"(srv_[A-Za-z0-9_-]+)"' && server_id=$REPLY
  need checkin_interval_seconds '([1-9][0-9]{0,5})[[:space:]]*[,}]' && interval=$REPLY
  need server_token '"(st_[A-Za-z0-9_-]+)"'
  place_keys "$REPLY"
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
  if [ "$http" = 200 ] || [ "$error" = install_token_consumed ]; then
    installed=1
    if take receipt "$jwt"; then receipt=$REPLY; fi
    return 0
  fi
  unanswered || confirming=''
  return 1
}

keep_receipt() { # what fails here takes nothing back: the machine is installed
  if [ -z "$receipt" ] && [[ $error == install_token_consumed || $error == activation_confirmed ]]; then
    # It was in an answer that was lost.
    printf 'header = "Authorization: Bearer %s"\n' "$(<"$conf/server-token")" >"$work/token"
    call GET "$api/receipt"
    rm -f -- "$work/token"
    if take receipt "$jwt"; then receipt=$REPLY; else note "the receipt did not arrive: $url/slowdns has it, in the browser that got the code"; fi
  fi
  if [ -z "$receipt" ]; then return 0; fi
  if place 0600 "$conf/receipt.jwt" <<<"$receipt"; then note "the receipt of this install is $conf/receipt.jwt: keep it, it shows what was installed here, and agent.sh rekey needs it"
  else note "the receipt could not be written to $conf/receipt.jwt"; fi
}

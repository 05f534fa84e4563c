# Asking the server, and saying in words what it answers.

send() { # send METHOD PATH: one try. Leaves $http (000: no whole answer), $body and, of a refusal, $error.
  local options=()
  if [ "$1" = POST ]; then options=(--header 'Content-Type: application/json' --data-binary "@$work/request"); fi
  if [ -e "$work/token" ]; then options+=(--config "$work/token"); fi
  http=000 body='' error=''
  : >"$work/body" && : >"$work/headers"
  if run curl --disable --silent --show-error --globoff --request "$1" --url "$url$2" "${options[@]}" \
      --connect-timeout "$((timeout < 10 ? timeout : 10))" --max-time "$timeout" --max-filesize 1048576 \
      --dump-header "$work/headers" --output "$work/body" --write-out '%{http_code}' --stderr "$work/curl" >"$work/http"; then
    http=$(<"$work/http") body=$(tr -d '\0' <"$work/body")
  fi
  if [[ $http == [45]* ]] && { take code '"([a-z_]+)"' || take error '"([a-z_]+)"'; }; then error=$REPLY; fi
}

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
    host_key_not_supported) echo 'The server takes no proof by a host key of this kind.' ;;
    host_key_proof_invalid) echo "The server does not accept the proof by $key. Run this again; with --no-proof if the server does not insist." ;;
    invalid_request) echo 'The server does not accept one of the values.' ;;
    payload_too_large | method_not_allowed | unsupported_media_type) echo 'Server and installer do not fit together. Get the present install.sh.' ;;
    not_found | browser_session_required | cross_site_request) echo 'The installer has no such route there. Is SLOWDNS_URL right?' ;;
    https_required) echo 'The server wants https://. Set SLOWDNS_URL so.' ;;
    invalid_token | server_revoked) echo 'The server was revoked meanwhile. Run this again.' ;;
    internal_error | unavailable) echo 'The server has trouble of its own. Try again later.' ;;
    *) echo "The server's answer is not one of an install server. Is SLOWDNS_URL right?" ;;
  esac
}

message() { # what the last answer says to people, printable
  if take message "$sentence"; then printf %b "${REPLY//'\"'/'"'}" | tr -cd '[:print:]'; fi
}

refused() { # refused WHAT: ends with what the last answer means
  local seconds when=later message
  if [ "$http" = 000 ]; then fail "$1: the server does not answer. Is it reachable from here?"; fi
  if [ "$http" = 429 ]; then
    seconds=$(retry_after)
    if [ -n "$seconds" ]; then when="in $seconds s, at $(in_seconds "$seconds")"; fi
    fail "$1: too many requests (429). Try again $when."
  fi
  case $error in install_code_* | machine_mismatch) dead_code=1 ;; esac
  message=$(message)
  fail "$1: $(explain) (${http}${error:+ $error}${message:+: $message})"
}

need() { take "$@" || fail "the server's answer has no proper $1"; }

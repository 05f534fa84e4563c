# The end, whatever it is: the release, what is taken back, and what to do then.

release() { # 0: the activation is over; 1: nobody knows. It may turn out that the confirm had arrived.
  local during=$step why
  if [ -n "$confirming" ]; then
    note 'was it confirmed?'
    attempts=1 confirm && return 0 # a return alone would say, in a trap, how the command before that went
  fi
  stage release
  why=$(printf '%s: %s' "$during" "$reason" | tr -cd '[:print:]')
  request activation_id "$activation_id" reason "${why:0:200}"
  call POST "$api/release"
  case $http/$error in
    # Only the first answer says true, so where that was lost the code may be free: trying it says more.
    200/*) take install_code_restored '(true)' || ((tries > 1)) || dead_code=1 ;;
    409/activation_confirmed) installed=1 ;;
    404/activation_not_found | 410/install_code_revoked) dead_code=1 ;;
    *) return 1 ;;
  esac
}

undelivered() {
  note "The release of $activation_id could not be delivered. Do it by hand when the server answers again:"
  note "  curl -H 'Content-Type: application/json' -d '{\"activation_id\":\"$activation_id\"}' $url$api/release"
  note "Or run this again on this machine with the same code, host name and address (until $usable_until at least): it leads on."
  [ -z "$confirming" ] || note "The confirm may have arrived, so the pieces are left in place; if the release answers activation_confirmed, all is well."
}

what_now() {
  if [ -n "$upgrading" ]; then note 'The agent is as it was before.'
  elif [ -n "$dead_code" ]; then note "Get a new code at $url/slowdns and run this again."
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
    if [ -z "$explained" ]; then
      reason=$why
      printf 'NOT %s: %s\n' "$(if [ -n "$upgrading" ]; then echo upgraded; else echo installed; fi)" "$why" >&2
    fi
    if [ -n "$activation_id" ] && ! release; then status=3; fi
    if [ -n "$installed" ]; then
      note 'the confirm had arrived'
      keep_receipt
    elif [ "$status" = 3 ]; then [ -n "$confirming" ] || remove_pieces; undelivered
    else remove_pieces; what_now; fi
  fi
  rm -rf -- "${work:-/nonexistent}"
  if [ -n "$installed" ]; then
    status=0
    if [ -z "$dry_run" ]; then stage 'done'; fi
  fi
  exit "$status"
}

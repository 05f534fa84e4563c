# Asking the server.

# In the background, where a signal does not have to wait for it. What is sent keeps the lock (see there).
run() { "$@" </dev/null & wait "$!"; }

send() { # send METHOD PATH: one try. The token is in a file of our own, since ps shows arguments.
  local options=()
  if [ "$1" = POST ]; then options=(--header 'Content-Type: application/json' --data-binary "@$work/request"); fi
  if [ -e "$work/token" ]; then options+=(--config "$work/token"); fi
  http=000 body='' error=''
  if run curl --disable --silent --show-error --globoff --request "$1" --url "$url$2" "${options[@]}" \
      --connect-timeout "$((timeout < 10 ? timeout : 10))" --max-time "$timeout" --output "$work/body" --dump-header "$work/headers" \
      --write-out '%{http_code}' >"$work/http"; then
    http=$(<"$work/http")
    if [ -e "$work/body" ]; then body=$(tr -d '\0' <"$work/body"); fi
  fi
  if [[ $http == [45]* ]] && take error '"([a-z_]+)"'; then error=$REPLY; fi
  rm -f "$work/body"
}

call() { # call METHOD PATH: sends until there is an answer that a repeat would not change
  local attempt wait
  for ((attempt = 1; ; attempt++)); do
    send "$@"
    if ! unanswered || ((attempt >= attempts)); then break; fi
    wait=$(retry_after) || true
    wait=${wait:-$pause} pause=$((pause * 2))
    run sleep "$((wait < 60 ? wait : 60))"
  done
  case $http/$error in
    20[01]/* | 401/server_revoked | 401/receipt_invalid | 409/*) ;;
    000/*) fail 1 "$url does not answer" ;;
    401/*) fail 4 "$url does not know this server's token (${error:-401}): install again with a new code" ;;
    429/*) fail 1 "$url asks for patience (429): the timer comes again" ;;
    *) fail 1 "$url answered $http ${error}" ;;
  esac
}

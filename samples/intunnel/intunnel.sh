#!/usr/bin/env bash
# Signs in by the InTunnel API, with the second factor when it is due, and takes a tunnel through its life.
# Stops, non-zero, at the first thing that is not as promised. Needs curl and jq.
set -euo pipefail
umask 077

url=${1:-${TOKENSERVER_URL:-http://localhost:5000}}
email=${INTUNNEL_EMAIL:-jane.doe@example.com}
password=${INTUNNEL_PASSWORD:-demo-password-of-jane}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
token='' resume_at=0

step() { printf 'ok  %s\n' "$1"; }
fail() { printf 'NOT %s\n' "$1" >&2; exit 1; }
get() { printf %s "$body" | jq -r "$1"; }
header() { awk -v name="$1:" 'tolower($1) == tolower(name) { print $2 }' "$work/headers" | tr -d '\r'; }
bearer() { if [ -n "$token" ]; then printf 'header = "Authorization: Bearer %s"\n' "$token"; fi; }

pause() { # pause SECONDS
  if ! [[ $1 =~ ^[0-9]{1,3}$ ]]; then fail "the server says for how many seconds to wait: it said '$1'"; fi
  printf '    waiting %s s, as the server asks\n' "$1"
  sleep "$1"
}

# call METHOD PATH [JSON]: leaves the answer in $status and $body. Tokens and passwords go to curl through pipes,
# since everyone can read a command's arguments in ps.
call() {
  local method=$1 path=$2 json=${3-} options=() now
  if [ -n "$json" ]; then options=(--header 'Content-Type: application/json' --data-binary @-); fi
  for _ in 1 2 3 4 5; do
    now=$(date +%s)
    if [ "$resume_at" -gt "$now" ]; then pause $((resume_at - now)); fi
    : >"$work/body"
    status=$(printf %s "$json" | curl --disable --silent --show-error --max-time 30 --request "$method" --url "$url$path" "${options[@]}" \
      --config <(bearer) --dump-header "$work/headers" --output "$work/body" --write-out '%{http_code}') || fail "$url answers"
    body=$(<"$work/body")
    # Nothing is left: the next request waits for the reset. Logins are counted apart, and one is enough here.
    if [ "$path" != /api/login ] && [ "$(header X-RateLimit-Remaining)" = 0 ]; then resume_at=$(header X-RateLimit-Reset); fi
    if [ "$status" != 429 ]; then return; fi
    pause "$(header Retry-After)"
  done
  fail "$method $path is let through after the wait that the server asked for"
}

# expect STATUS PROMISE [FILTER]: the last answer has this status and, where a filter is given, a body of which it is true.
expect() {
  if [ "$status" != "$1" ]; then fail "$2: $1 was due, it answered $status $(get '.error? // empty' 2>/dev/null || true)"; fi
  if [ $# -lt 3 ] || printf %s "$body" | jq -e "$3" >/dev/null; then step "$2"; else fail "$2"; fi
}

# Signing in. What is secret reaches jq by the environment, which other users cannot read.
call POST /api/login "$(EMAIL=$email PASSWORD=$password jq -cn '{email: env.EMAIL, password: env.PASSWORD}')"
if [ "$status" = 200 ] && [ "$(get .requires_2fa)" = true ]; then
  step 'the password is right, the second factor is due'
  code=${INTUNNEL_CODE:-}
  if [ -z "$code" ]; then
    [ -t 0 ] || fail 'the code of the second factor is in INTUNNEL_CODE, or there is a terminal to ask for it'
    read -rsp 'Code from your authenticator: ' code && echo
  fi
  call POST /api/verify-2fa "$(CODE=$code get '{temp_token, code: env.CODE}')"
fi
expect 200 'signed in' '.success and (.user.id | type == "number")'
token=$(get .token)

# A tunnel's life. Its token is shown when it is made, and never again: keep it where only you can read it.
name="sample-$$-$RANDOM"
call POST /api/tunnels "$(jq -cn --arg name "$name" '{name: $name}')"
expect 201 'made a tunnel' '.success and (.tunnel.token | test("^tt_"))'
id=$(get .tunnel.id) first=$(get .tunnel.token)

call POST /api/tunnels "$(jq -cn --arg name "${name^^}" '{name: $name}')"
expect 409 'a name is taken once, in capitals or not' '.error == "A tunnel with this name already exists"'

call GET /api/tunnels
expect 200 'listed it, without its token' "[.tunnels[] | select(.id == $id)] | length == 1 and (.[0] | .name == \"$name\" and (has(\"token\") | not))"

call POST "/api/tunnels/$id/regenerate"
expect 200 'gave it a new token' '.tunnel.token | test("^tt_")'
[ "$(get .tunnel.token)" != "$first" ] || fail 'the new token is another one'

call DELETE "/api/tunnels/$id"
expect 204 'deleted it'
call DELETE "/api/tunnels/$id"
expect 404 'it is gone' '.error == "Tunnel not found"'

# Leaving
call POST /api/logout
expect 200 'logged out' '.success'
call GET /api/tunnels
expect 401 'the session has ended' '.error == "Invalid token"'

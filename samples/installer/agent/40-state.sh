# What changes from check-in to check-in. A key is sent until the answer to it is on the disk: the server takes it again, and answers as
# before, as long as nobody has used the next one. So this may be killed, or lose its power, between any two steps. Beside the key goes a
# number that this agent makes up, once for each key and on the disk before it is sent: two that hold one key make up two.

# One check-in at a time, until its last request has ended: one that comes late, with a key that is older by then, looks like a clone.
# For that curl keeps the lock when this is killed.
lock() {
  exec 9<"$conf"
  flock --wait 300 9 || fail 1 'another check-in is under way and does not end'
}

keep() { # keep FILE TEXT: on the disk, whole, before it takes the place of the former one
  printf '%s\n' "$2" >"$1.new"
  sync -- "$1.new"
  mv -f -- "$1.new" "$1"
  sync -- "${1%/*}"
}

state_folder() { # the unit has made it before
  if [ ! -d "$state" ]; then mkdir -p -- "${state%/*}" && mkdir -m 0700 -- "$state"; fi
}

keep_checkin_key() { # of the last answer; a server that knows no such keys gives none
  if ! take checkin_key '"([A-Za-z0-9_-]{16,200})"'; then return 0; fi
  state_folder
  keep "$state/checkin-key" "$REPLY"
}

checkin_key() { # the key and its number, into REPLY: none where the server gave none
  local key nonce
  REPLY=''
  if [ ! -e "$state/checkin-key" ]; then return 0; fi
  read -r key nonce <"$state/checkin-key" || fail 2 "$state/checkin-key has no key in it"
  if [ -z "$nonce" ]; then
    nonce=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    keep "$state/checkin-key" "$key $nonce"
  fi
  REPLY="$key $nonce"
}

# The unit does not start while this is there, whether or not the timer can be disabled from within it.
stop() { # stop WHY
  state_folder
  keep "$state/stopped" "$1"
  disable_timer
}

systemctl() {
  local program=${SLOWDNS_SYSTEMCTL:-}
  if [ -z "$root" ]; then program=${program:-systemctl}; fi
  if [ -n "$program" ]; then run "$program" "$@"; fi
}

disable_timer() { systemctl disable --now slowdns-agent.timer || say 'slowdns-agent.timer could not be disabled'; }

# Saying what happens, and running programs so that a signal ends them at once.

readonly steps='identity code precheck details activate pieces register check-in confirm'

stage() { # at a terminal with how far it is, elsewhere a plain line
  local number=1 one
  step=$1
  if [ -t 2 ] && [ -z "$upgrading$dry_run${NO_COLOR:-}" ]; then
    for one in $steps; do
      if [ "$one" = "$1" ]; then
        printf '\e[1m==> %s\e[0m (%d of 9)\n' "$1" "$number" >&2
        return
      fi
      number=$((number + 1))
    done
  fi
  printf '==> %s\n' "$1" >&2
}
note() { printf '    %s\n' "$1" >&2; }
fail() {
  reason=$1 explained=1
  if [ -n "$upgrading" ]; then printf 'NOT upgraded: %s\n' "$reason" >&2
  else printf 'NOT installed: %s\n' "$reason" >&2; fi
  exit 1
}
usage() { ending=2; fail "$1"; }
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

#!/usr/bin/env bash
# Installs the SlowDNS agent on this machine with an install code: precheck, activate, pieces, register, check-in, confirm.
# Until the confirm has arrived every end of this script, signals too, takes everything back and releases the code, with the reason.
# Settings are environment variables (--help). Exit: 0 installed, 1 failed, 2 wrong settings, 3 the release was not delivered.
set -euo pipefail
umask 077
export LC_ALL=C

readonly version=1.1.0 api=/api/v2/slowdns/install
# By these curl finds its way through a proxy; a unit does not have them from this shell.
readonly proxies='http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY'
readonly jwt='"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"' time='"([0-9T:.+Z-]+)"' sentence='"(([^"\\]|\\.)*)"'

dry_run='' upgrading='' proof='' must_prove='' # what the arguments said
url='' host='' root='' systemctl='' agent='' units='' conf='' state='' ref=''
work='' terminal='' tty_state='' interval=300 timeout='' attempts='' first_pause=''
code='' hostname='' public_ip='' machine_id='' machine_id_file='' fingerprint=''
key='' public_key='' unproven='' # the host key's public file, its line where this machine proves it, and why it does not
precheck_token='' usable_until='' challenge='' activation_id='' install_token='' server_id='' agent_version='' receipt=''
http=000 body='' error='' tries=0 # of the last answer
step='' code_sent='' activating='' confirming='' timer_started='' installed=''
ending=1 explained='' reason='' dead_code='' interrupted='' finishing='' signals=0
declare -A before=() # what was written: its copy from before, or nothing if it is new
made=()              # folders that are new, the innermost first

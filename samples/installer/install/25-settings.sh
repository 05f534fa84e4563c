# Arguments, settings, and what is asked for at a terminal.

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

arguments() {
  proof=${SLOWDNS_HOST_KEY_PROOF:-}
  while (($#)); do
    case $1 in
      --dry-run) dry_run=1 ;;
      --upgrade) upgrading=1 ;;
      --prove) proof=yes ;;
      --no-proof) proof=no ;;
      *) usage 'the arguments are --dry-run, --upgrade, --prove, --no-proof and --help: all else is set by environment variables, where ps does not show them' ;;
    esac
    shift
  done
  [ -z "$dry_run" ] || [ -z "$upgrading" ] || usage '--dry-run and --upgrade do not go together'
  case $proof in yes) must_prove=1 ;; '' | no) ;; *) usage 'SLOWDNS_HOST_KEY_PROOF is yes or no' ;; esac
}

find_terminal() {
  if [ -t 0 ]; then exec 3<&0 && terminal=1
  elif (: </dev/tty) 2>/dev/null; then exec 3</dev/tty && terminal=1; fi
}

find_root() {
  root=${SLOWDNS_ROOT:-} systemctl=${SLOWDNS_SYSTEMCTL:-}
  if [ -n "$root" ]; then
    [ -d "$root" ] || usage "SLOWDNS_ROOT is a folder: there is no $root"
    root=$(cd -- "$root" && pwd) root=${root%/}
  fi
  [[ $root =~ ^[A-Za-z0-9._/-]*$ ]] || usage 'SLOWDNS_ROOT is a path without spaces and special characters'
  if [ -z "$root" ]; then
    [ "$EUID" = 0 ] || [ -n "$dry_run" ] || usage 'this needs root: sudo SLOWDNS_URL=https://id.example.com bash install.sh'
    systemctl=${systemctl:-systemctl}
  fi
  agent=$root/usr/local/lib/slowdns/agent.sh units=$root/etc/systemd/system conf=$root/etc/slowdns state=$root/var/lib/slowdns
}

settings() {
  find_terminal
  arguments "$@"
  number timeout SLOWDNS_TIMEOUT 30 1
  number attempts SLOWDNS_ATTEMPTS 5 1
  number first_pause SLOWDNS_PAUSE 2 0
  url=${SLOWDNS_URL:-} code=${SLOWDNS_INSTALL_CODE:-} ref=${SLOWDNS_REF:-main}
  hostname=${SLOWDNS_HOSTNAME:-} hostname=${hostname%.} public_ip=${SLOWDNS_PUBLIC_IP:-}
  unset SLOWDNS_INSTALL_CODE
  clean_code
  find_root
  [[ $ref =~ ^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$ ]] || usage 'SLOWDNS_REF is a branch or tag'
  [ -z "$hostname" ] || valid_hostname "$hostname" || usage 'SLOWDNS_HOSTNAME is a name such as ns1.example.com'
  [ -z "$public_ip" ] || valid_ip "$public_ip" || usage 'SLOWDNS_PUBLIC_IP is an IPv4 or IPv6 address'
  [ -z "$code" ] || valid_code "$code" || usage 'SLOWDNS_INSTALL_CODE is a code such as IPT-SD-XXXXXX-XXXXXX-XXXXXX'
  if [ -n "$upgrading" ]; then return; fi
  [ -n "$terminal" ] || { [ -n "$url" ] && [ -n "$code" ] && { [ -n "$dry_run" ] || { [ -n "$hostname" ] && [ -n "$public_ip" ]; }; }; } \
    || usage 'there is no terminal to ask at: set SLOWDNS_URL, SLOWDNS_INSTALL_CODE, SLOWDNS_HOSTNAME and SLOWDNS_PUBLIC_IP'
  if [ -z "$url" ]; then ask 'Address of the server: ' && url=$REPLY; fi
  check_url
}

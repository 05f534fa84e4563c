# Who this machine is, and the proof of it by its SSH host key (PROTOCOL.sshsig of OpenSSH).

identity() {
  local file=$root/etc/machine-id
  if [ ! -e "$file" ]; then file=/etc/machine-id; fi
  file=${SLOWDNS_MACHINE_ID_FILE:-$file}
  if ! machine_id=$(tr -d '[:space:]' <"$file"); then
    usage "the machine id is in no file that can be read: $file, see above. Make one with systemd-machine-id-setup, or set SLOWDNS_MACHINE_ID_FILE"
  fi
  machine_id=${machine_id,,} machine_id_file=$file
  [[ $machine_id =~ ^[0-9a-f]{32}$ ]] \
    || usage "$file does not have the 32 hexadecimal digits of a machine id. Delete it and run systemd-machine-id-setup, or set SLOWDNS_MACHINE_ID_FILE"
  [[ $machine_id =~ [^0] ]] || usage "$file has a machine id of zeros, which is nobody's. Delete it and run systemd-machine-id-setup"
  for key in /etc/ssh/ssh_host_{ed25519,ecdsa,rsa}_key.pub; do if [ -e "$key" ]; then break; fi; done
  key=${SLOWDNS_SSH_HOST_KEY:-$key}
  find_fingerprint
  decide_on_proof
}

find_fingerprint() {
  local kind='' blob digest
  if command -v ssh-keygen >/dev/null; then
    run ssh-keygen -l -E sha256 -f "$key" >"$work/fingerprint" \
      || usage "$key is no public key of an SSH server that ssh-keygen can read. Make one with ssh-keygen -A, or set SLOWDNS_SSH_HOST_KEY"
    [[ $(<"$work/fingerprint") =~ SHA256:[A-Za-z0-9+/]{43} ]] || usage "ssh-keygen tells no SHA256 fingerprint of $key. It must be of OpenSSH 6.8 or later"
    fingerprint=${BASH_REMATCH[0]}
  else
    read -r kind blob _ <"$key" || blob=''
    if ! [[ $kind =~ ^(ssh|ecdsa|sk)- ]] || ! base64 -d <<<"$blob" >"$work/blob" 2>/dev/null; then
      usage "$key is no public key of an SSH server. Make one with ssh-keygen -A (package openssh-server), or set SLOWDNS_SSH_HOST_KEY"
    fi
    digest=$(sha256sum <"$work/blob") digest=$(fold -w 2 <<<"${digest%% *}")
    # shellcheck disable=SC2059
    digest=$(printf "\\x${digest//$'\n'/\\x}" | base64) fingerprint=SHA256:${digest%=}
  fi
}

without_proof() { # without_proof WHY: said once, and again if the server insists. Who has asked for the proof does not go on without one.
  if [ -n "$must_prove" ]; then
    [ -n "$code_sent" ] || ending=2
    fail "${1%;}. With --prove nothing is installed without the proof: mend that, or name another key with SLOWDNS_SSH_HOST_KEY, or run this again with --no-proof"
  fi
  unproven=$1 public_key=''
  note "$1"
  note 'so this machine goes on without a proof by its host key'
}

# Whether this machine proves its key. The private one is not read before somebody has allowed it, here or by --prove.
decide_on_proof() {
  local kind='' blob='' private=${key%.pub} present
  if [ "$proof" = no ]; then unproven='--no-proof was given' && return; fi
  if ! command -v ssh-keygen >/dev/null; then
    without_proof 'ssh-keygen is missing, which signs (Debian: apt-get install openssh-client);' && return
  fi
  read -r kind blob _ <"$key" || true
  case $kind in
    ssh-ed25519 | ecdsa-sha2-nistp256 | ecdsa-sha2-nistp384 | ssh-rsa) ;;
    sk-*) without_proof "$key is of a security token (sk-), which signs only under somebody's hand: name another with SLOWDNS_SSH_HOST_KEY;" && return ;;
    *-cert-v01@openssh.com) without_proof "$key is a certificate: name the key's own .pub file with SLOWDNS_SSH_HOST_KEY;" && return ;;
    *) without_proof "$key is of a kind ($kind) that proves nothing here: ed25519, ecdsa (P-256, P-384) and rsa do;" && return ;;
  esac
  if [ "$private" = "$key" ] || [ ! -f "$private" ]; then without_proof "the private key that belongs to $key is not beside it;" && return; fi
  if [[ $(ssh-keygen -Y sign </dev/null 2>&1) == *'unknown option'* ]]; then
    without_proof 'this ssh-keygen cannot sign: that takes OpenSSH 8.1 or later;' && return
  fi
  if [ -z "$proof" ]; then ask_for_proof "$private"; fi
  if [ "$proof" != yes ] || [ -n "$dry_run" ]; then public_key=${dry_run:+"$kind $blob"} && return; fi
  if [ ! -r "$private" ]; then without_proof "$private cannot be read by this user;" && return; fi
  # With an empty passphrase: who has set one is not asked for it.
  if ! present=$(run ssh-keygen -y -P '' -f "$private" 2>"$work/keygen"); then
    without_proof "$private cannot be used: $(why_unusable);" && return
  fi
  if [[ $present != "$kind $blob"* ]]; then without_proof "$private is not the key of $key;" && return; fi
  public_key="$kind $blob"
}

why_unusable() {
  if grep -qi passphrase "$work/keygen"; then
    printf 'it has a passphrase, and a host key must do without one (ssh-keygen -p -N "" -f KEY takes it off)'
  else tail -n 1 "$work/keygen" | tr -cd '[:print:]'; fi
}

ask_for_proof() {
  if [ -n "$dry_run" ]; then return; fi
  if [ -z "$terminal" ]; then
    unproven='nobody was there to allow that the host key is read: --prove allows it'
    note "$unproven"
    return
  fi
  note "This machine can prove to the server that its SSH host key is its own. For that ssh-keygen reads $1"
  note 'and signs a few lines with it, once. The key is not copied and goes nowhere.'
  while true; do
    ask "Let ssh-keygen sign with $1? [Y/n] "
    case $REPLY in
      '' | [yY] | [yY]es) proof=yes && return ;;
      [nN] | [nN]o) proof=no unproven='the proof was declined' && return ;;
    esac
  done
}

# Nothing is signed that the server made up: its challenge is one line of four, of a form that is checked.
sign() { # the armored signature, into REPLY
  printf 'slowdns-install-v1\n%s\n%s\n%s\n' "$challenge" "$machine_id" "$fingerprint" >"$work/proof"
  rm -f -- "$work/proof.sig"
  run env -u SSH_AUTH_SOCK ssh-keygen -q -Y sign -n slowdns-install -f "${key%.pub}" "$work/proof" >"$work/keygen" 2>&1 \
    || fail "ssh-keygen could not sign with ${key%.pub}: $(tail -n 1 "$work/keygen" | tr -cd '[:print:]')"
  REPLY=$(<"$work/proof.sig")$'\n'
}

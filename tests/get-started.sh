#!/usr/bin/env bash
# Runs every command of docs/get-started.md as it stands, on a machine of tests/machine.sh: get-started.sh, with get-started.md and a package
# (a .deb, built before) beside it. What such a machine does not have is replaced, and each replacement says so:
#   the build       the package is there
#   the name        /etc/hosts
#   apt-get         where there is no network: dpkg installs the package, the others have to be there
#   certbot         a certificate that openssl makes
#   typing          the password comes from a pipe
#   the browser     the Account API turns the second factor on, as the page does
set -Eeuo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deb=$(ls "$here"/*.deb)
password='a long sentence about alice'
said() { echo "REPLACED: $1"; }
output=/dev/null
fail() {
  exec 1>&3 2>&3
  cat "$output"
  echo "NOT $1"
  journalctl --unit tokenserver --unit nginx --no-pager --lines 30 || true
  exit 1
}
exec 3>&1
trap 'fail "$BASH_COMMAND"' ERR

said "deploy/debian/build.sh: the package was built before"
cp "$deb" /root/
said "the name: id.example.com is 127.0.0.1, and so is the administrator's address"
touch /etc/hosts
{ cat /etc/hosts; echo "127.0.0.1 localhost id.example.com"; } >/tmp/hosts
mount --bind /tmp/hosts /etc/hosts
mkdir -p /run/replaced
export PATH=/run/replaced:$PATH
if [ -z "${BARE:-}" ]; then
  said "apt-get: there is no network; dpkg installs the package, the others have to be there"
  cat >/run/replaced/apt-get <<'END'
#!/bin/bash
set -e
for word; do
  case $word in
    update | install | -y) ;;
    *.deb) dpkg --force-depends --install "$word" ;;
    certbot) ;; # replaced
    *) dpkg-query --show "$word" || command -v "$word" || { echo "$word is not there" >&2; exit 1; } ;;
  esac
done
# What the package of nginx does on a machine where it is new.
systemctl start nginx
END
fi
said "certbot: a certificate that openssl makes"
cat >/run/replaced/certbot <<'END'
#!/bin/bash
set -e
while [ $# -gt 0 ]; do case $1 in --domain) name=$2 ;; --webroot-path) root=$2 ;; esac; shift; done
# That it could be had: what is in the folder is seen at the name.
mkdir -p "$root/.well-known/acme-challenge" && echo proof >"$root/.well-known/acme-challenge/token"
[ "$(curl --silent --fail "http://$name/.well-known/acme-challenge/token")" = proof ] || { echo "port 80 does not show $root" >&2; exit 1; }
mkdir -p "/etc/letsencrypt/live/$name"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
  -keyout "/etc/letsencrypt/live/$name/privkey.pem" -out "/etc/letsencrypt/live/$name/fullchain.pem" 2>/dev/null
END
said "typing: the password comes from a pipe"
cat >/run/replaced/tokenserver <<END
#!/bin/bash
# On a machine that is busy with other things a command may have to be given again: it says so, and has changed nothing.
for _ in 1 2 3 4 5; do
  code=0
  if [ "\$1 \$2" = "user add" ]; then /usr/sbin/tokenserver "\$@" <<<'$password' 2>/run/replaced/said || code=\$?
  else /usr/sbin/tokenserver "\$@" </dev/null 2>/run/replaced/said || code=\$?; fi
  cat /run/replaced/said >&2
  grep -q 'the database did not' /run/replaced/said || break
done
exit \$code
END
chmod +x /run/replaced/*
export CURL_CA_BUNDLE=/etc/letsencrypt/live/id.example.com/fullchain.pem

# The code of an authenticator app now (RFC 6238), for a secret in base 32.
totp() {
  local mac offset
  mac=$(printf '%016x' $(($(date +%s) / 30)) | sed 's/../\\x&/g' | xargs -0 printf '%b' | openssl dgst -sha1 -mac HMAC \
    -macopt "hexkey:$(printf '%s' "$1" | base32 --decode | od -An -v -tx1 | tr -d ' \n')" | sed 's/.* //')
  offset=$((16#${mac:39:1} * 2))
  printf '%06d' $(((16#${mac:offset:8} & 0x7fffffff) % 1000000))
}
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
browse() {
  local site=https://id.example.com api token secret
  api=$site/api/v1/auth
  said "the browser: the Account API turns the second factor on"
  sleep 1 # A running server learns of alice within a second.
  token=$(curl -sSf "$api/login" --json "{\"username\":\"alice\",\"password\":\"$password\"}" | field token)
  secret=$(curl -sSf "$api/2fa/setup" --header "Authorization: Bearer $token" --json '{}' | field secret)
  curl -sSf "$api/2fa/enable" --header "Authorization: Bearer $token" --json "{\"code\":\"$(totp "$secret")\"}" >/dev/null
  # From now on the password alone is not enough.
  curl -sS "$api/login" --json "{\"username\":\"alice\",\"password\":\"$password\"}" | grep -q temp_
  [ "$(curl -s -o /dev/null -w '%{http_code}' "$site/account")" = 303 ]
  [ "$(curl -s -o /dev/null -w '%{http_code}' "$site/admin")" = 303 ]
}

# The commands, block by block; what each is to show is checked where the page says so.
number=0
while IFS= read -r -d '' block; do
  number=$((number + 1)) block=${block%$'\n'}
  case $block in deploy/debian/build.sh*) continue ;; esac
  block=${block//admin_address=203.0.113.7/admin_address=127.0.0.1}
  block=${block//cd \/root/cd \/root; export CURL_CA_BUNDLE}
  printf '%s\n' "$block" | sed 's/^/+ /'
  output=/tmp/output$number
  # shellcheck disable=SC1090 # One shell for all, as the page says.
  . <(printf '%s\n' "$block") >"$output" 2>&1
  cat "$output"
  shows() { grep -q -- "$1" "$output" || fail "block $number does not show $1"; }
  case $block in
    *health/ready*) shows '"status":"ready"' ;;
    *openid-configuration*) shows '"issuer":"https://id.example.com"' ;;
    *"user add"*) browse ;;
    *connect/introspect*) shows '"active":true' ;;
    *tokenserver-backup.timer*) shows 'backup-.*\.tar' ;;
  esac
done < <(awk '/^```sh$/ { inside = 1; next } /^```$/ && inside { inside = 0; printf "%c", 0; next } inside' "$here/get-started.md")
[ "$number" -ge 10 ] || fail "only $number blocks of commands in get-started.md"
systemctl is-enabled --quiet tokenserver tokenserver-backup.timer
echo "ok  $number blocks of docs/get-started.md, in $SECONDS s"

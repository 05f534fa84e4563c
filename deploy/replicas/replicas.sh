#!/usr/bin/env bash
# Three replicas on one PostgreSQL behind nginx, on this machine, in a folder that is thrown away: to look at and to pull plugs from.
#
#   replicas.sh [--program FOLDER] [--port PORT] [--ports "P1 P2 P3"]
#
# FOLDER holds the published program (default /opt/tokenserver), PORT is nginx's, the others are the replicas'; free ones are found where
# none are given. Needs nginx, PostgreSQL's programs, openssl and curl; as root PostgreSQL runs as the user postgres. Ctrl-C ends it all.
set -euo pipefail
umask 077
here=$(cd "$(dirname "$0")/.." && pwd)
program=/opt/tokenserver port='' ports=''
fail() { echo "replicas.sh: $1" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    --program) program=${2:-}; shift 2 || fail "--program names a folder" ;;
    --port) port=${2:-}; shift 2 || fail "--port names a port" ;;
    --ports) ports=${2:-}; shift 2 || fail "--ports names three ports" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done

PATH=$PATH:/usr/sbin:/sbin
newest=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
PATH=${newest:+$newest:}$PATH
for needed in nginx initdb pg_ctl psql openssl curl; do
  command -v "$needed" >/dev/null || fail "$needed is not here"
done
if [ -x "$program/TokenServer" ]; then server=("$program/TokenServer")
elif [ -f "$program/TokenServer.dll" ]; then server=(dotnet "$program/TokenServer.dll")
else fail "there is no TokenServer in '$program': publish it as README.md says, or name its folder with --program"; fi

folder=$(mktemp -d /tmp/tokenserver-replicas.XXXXXX)
chmod 711 "$folder"
as_postgres=()
if [ "$(id -u)" = 0 ]; then as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups --); fi
pids=()
running=''

# shellcheck disable=SC2317 # The trap calls it.
end() {
  trap '' INT TERM EXIT
  if [ ${#pids[@]} -gt 0 ]; then
    kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
  fi
  if [ -n "$running" ]; then "${as_postgres[@]}" pg_ctl stop --pgdata="$folder/postgresql/data" --mode=fast --silent || true; fi
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() { # below the ports that the system gives out by itself
  local found
  while true; do
    found=$((RANDOM % 12000 + 20000))
    case " ${taken:=} " in *" $found "*) continue ;; esac
    if is_free "$found"; then break; fi
  done
  taken+=" $found" REPLY=$found
}
wait_for() { # wait_for NAME LOG COMMAND...
  local name=$1 log=$2 attempt
  shift 2
  for ((attempt = 0; attempt < 240; attempt++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.25
  done
  if [ -f "$log" ]; then tail -n 20 "$log" >&2; fi
  fail "$name does not answer"
}

if [ -z "$port" ]; then free_port; port=$REPLY; fi
if [ -z "$ports" ]; then for _ in 1 2 3; do free_port; ports+=" $REPLY"; done; fi
read -r -a ports <<<"$ports"
[ ${#ports[@]} = 3 ] || fail "--ports names three ports"
issuer=https://localhost:$port

# PostgreSQL, on a socket in the folder and nowhere else.
echo "PostgreSQL ..."
mkdir "$folder/postgresql"
if [ "$(id -u)" = 0 ]; then chown postgres: "$folder/postgresql"; fi
cd /
"${as_postgres[@]}" initdb --pgdata="$folder/postgresql/data" --username=postgres --auth-local=trust --auth-host=reject --encoding=UTF8 --locale=C.UTF-8 --no-instructions >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; fail "initdb failed"; }
"${as_postgres[@]}" sh -c "
  sed -i '1i local tokenserver tokenserver scram-sha-256' '$folder/postgresql/data/pg_hba.conf'
  printf '%s\n' \"listen_addresses = ''\" \"unix_socket_directories = '$folder/postgresql'\" 'max_connections = 140' >>'$folder/postgresql/data/postgresql.conf'"
"${as_postgres[@]}" pg_ctl start --pgdata="$folder/postgresql/data" --log="$folder/postgresql/log" --wait --silent >/dev/null || fail "PostgreSQL does not start"
running=yes
password=$(openssl rand -hex 24)
TOKENSERVER_PASSWORD=$password "${as_postgres[@]}" psql --host="$folder/postgresql" --username=postgres --quiet --no-psqlrc --file=- postgres <"$here/postgresql.sql" >"$folder/sql.log" 2>&1 || { cat "$folder/sql.log" >&2; fail "the database cannot be made"; }

# What all replicas are told. The settings of whoever runs this are none of theirs.
while IFS='=' read -r name _; do unset "$name"; done < <(env | grep -E '^[A-Za-z_]+__[A-Za-z0-9_]*=|^ASPNETCORE_' || true)
mkdir "$folder/data"
openssl rand -base64 32 >"$folder/master-key" # seals the keys that the replicas share in the database
echo "*:*:tokenserver:tokenserver:$password" >"$folder/pgpass"
export ASPNETCORE_ENVIRONMENT=Production TokenServer__Issuer=$issuer TokenServer__TrustedProxies__0=127.0.0.1 TokenServer__DataDirectory=$folder/data TokenServer__MasterKeyFile=$folder/master-key
export ConnectionStrings__Default="Host=$folder/postgresql;Database=tokenserver;Username=tokenserver" PGPASSFILE=$folder/pgpass

echo "three replicas ..."
for n in 0 1 2; do
  "${server[@]}" serve --urls "http://127.0.0.1:${ports[n]}" >"$folder/replica$((n + 1)).log" 2>&1 &
  pids+=($!)
done
for n in 0 1 2; do
  wait_for "replica $((n + 1))" "$folder/replica$((n + 1)).log" curl -fs "http://127.0.0.1:${ports[n]}/health/ready"
done
"${server[@]}" import "$here/../samples/demo.json"

echo "nginx ..."
mkdir -m 711 "$folder/nginx"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$folder/nginx/privkey.pem" -out "$folder/nginx/fullchain.pem" 2>/dev/null
chmod 644 "$folder/nginx/fullchain.pem"
# The site as it is delivered, with this machine's ports and paths. Port 80 is left out with everything that it only redirects.
sed -e "s#listen 443 ssl#listen 127.0.0.1:$port ssl#; s#listen 80;#listen unix:$folder/nginx/plain;#; /listen \[::\]/d" \
  -e "s#127.0.0.1:5001#127.0.0.1:${ports[0]}#; s#127.0.0.1:5002#127.0.0.1:${ports[1]}#; s#127.0.0.1:5003#127.0.0.1:${ports[2]}#" \
  -e "s#/etc/ssl/tokenserver/#$folder/nginx/#; s#/var/log/nginx/#$folder/nginx/#; s#id.example.com#localhost#" "$here/nginx.conf" >"$folder/nginx/site.conf"
cat >"$folder/nginx/nginx.conf" <<END
daemon off;
pid $folder/nginx/pid;
error_log $folder/nginx/error.log warn;
events { worker_connections 1024; }
http {
    client_body_temp_path $folder/nginx/1; proxy_temp_path $folder/nginx/2; fastcgi_temp_path $folder/nginx/3; uwsgi_temp_path $folder/nginx/4; scgi_temp_path $folder/nginx/5;
    include $folder/nginx/site.conf;
}
END
nginx -p "$folder/nginx" -c "$folder/nginx/nginx.conf" 2>"$folder/nginx/start.log" &
pids+=($!)
wait_for nginx "$folder/nginx/error.log" curl -fs --cacert "$folder/nginx/fullchain.pem" "$issuer/api/v2/healthz"

cat <<END

Ready: $issuer behind nginx; the replicas at ${ports[*]}, processes ${pids[*]:0:3}. Logs: $folder

  CA=$folder/nginx/fullchain.pem
  curl --cacert \$CA $issuer/.well-known/openid-configuration
  curl --cacert \$CA -u worker:worker-demo-secret $issuer/connect/token -d grant_type=client_credentials
  curl --cacert \$CA -u api:api-demo-secret $issuer/connect/introspect -d token=...        # from any replica
  kill ${pids[0]}                                                                          # one replica less: nobody notices

Ctrl-C ends everything and removes the folder.
END
# Until a signal, or until nginx has gone.
wait "${pids[3]}" || true

#!/usr/bin/env bash
# Builds everything in Release, runs all the tests, and ends with a summary: passed, failed, left out and why, names of what failed, duration.
# As root on Debian it installs what the tests need beyond the .NET SDK; elsewhere it says which tests it leaves out. Exit code 0: all passed.
set -euo pipefail
cd "$(dirname "$0")"

has() { # has COMMAND, or has postgresql, or has python3:MODULE
  case $1 in
    postgresql) compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null ;;
    python3:*) /usr/bin/python3 -c "import ${1#*:}" 2>/dev/null || python3 -c "import ${1#*:}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}
missing=() packages=() left_out=()
need() { # need COMMAND PACKAGES TESTS
  has "$1" && return
  missing+=("$1: $3")
  read -ra some <<<"$2" && packages+=("${some[@]}")
}
install_missing() {
  if [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # The tests start servers of their own; Debian's package would make one for the machine, and keep it running.
    if ! has postgresql && [ ! -e /etc/postgresql-common ]; then
      mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    fi
    echo "installing ${packages[*]}"
    apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || echo "not all could be installed"
  fi
  for entry in ${missing[@]+"${missing[@]}"}; do
    has "${entry%%: *}" || left_out+=("${entry#*: }, since ${entry%%: *} is not there")
  done
  if [ ${#left_out[@]} -gt 0 ]; then printf 'LEFT OUT: %s\n' "${left_out[@]}"; fi
}

results=$(mktemp -d)
# shellcheck disable=SC2317 # The trap calls it.
finish() {
  local code=$?
  bash tests/summary.sh "$results" "$SECONDS" "$code" ${left_out[@]+"${left_out[@]}"} || code=$((code ? code : 1))
  # The last PostgreSQL server may still be going: it removes its own.
  rm -rf "$results" ${memory:+"$memory"} 2>/dev/null || true
  exit "$code"
}
trap finish EXIT

need postgresql "postgresql" "everything that is done a second time, on PostgreSQL"
need node "nodejs npm" "samples/node, samples/vpn-enterprise, samples/spa, samples/web-node"
need npm "npm" "samples/node, the OpenAPI validator"
need curl "curl" "samples/intunnel, samples/installer, the curl examples"
need jq "jq" "samples/intunnel"
need ssh-keygen "openssh-client" "samples/installer"
need shellcheck "shellcheck" "the shell's own check"
need chromium "chromium fonts-dejavu-core" "tests/Browser.Tests"
need nginx "nginx-light" "the tests of deploy/nginx.conf and of the replicas behind it"
need systemd-analyze "systemd" "the tests of the systemd units"
need dbus-daemon "systemd dbus" "the tests of the Debian package and of docs/get-started.md"
need openssl "openssl" "the test of the replicas"
need apache2 "apache2 libapache2-mod-auth-openidc" "samples/apache"
need python3:requests "python3 python3-requests" "samples/pin, samples/account, the Python example"
install_missing
# shellcheck disable=SC2016 # The inner shell knows the variable.
if [ "$(id -u)" = 0 ] && ! setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'command -v "$0" >/dev/null' "$(readlink -f "$(command -v dotnet)")"; then
  left_out+=("that the programs under test need no privilege (they run as root), since nobody may not run $(readlink -f "$(command -v dotnet)")")
  echo "LEFT OUT: ${left_out[-1]}"
fi

# Processes that live for a second have nothing of profiles of themselves.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_TieredPGO=0
dotnet build Auth.sln -c Release -v quiet
dotnet build tests/Ahead -c Release -v quiet >/dev/null || echo "not compiled ahead: the tests take longer"

# Thousands of databases are made and gone again, a PostgreSQL one a thousand files: in memory, where there is enough of it.
if [ "$(df --output=avail /dev/shm 2>/dev/null | tail -1)" -gt $((4 << 20)) ] 2>/dev/null; then
  memory=$(mktemp -d /dev/shm/tests-XXXXXX)
  export TMPDIR=$memory
  chmod 1777 "$TMPDIR"
fi

tests() { # tests PROJECT [ARGUMENTS]; of several filters all have to match
  local project=$1 filter='' words=()
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --filter) filter+="${filter:+&}($2)" && shift ;;
      --filter=*) filter+="${filter:+&}(${1#*=})" ;;
      *) words+=("$1") ;;
    esac
    shift
  done
  dotnet test "$project" -c Release --no-build --nologo --logger "console;verbosity=minimal" --logger trx \
    --results-directory "$results/${TOKENSERVER_TESTS_DATABASE:-sqlite}" ${filter:+--filter "$filter"} ${words[@]+"${words[@]}"}
}
failed=0
tests Auth.sln "$@" || failed=1

# Once more on PostgreSQL: what the core and the lifecycle do there. Left out are what was on PostgreSQL the first time, and the hashing of passwords.
# With TOKENSERVER_TESTS_FULL=1 everything that is not about SQLite's file, and all of what else would go on for long.
has postgresql || exit "$failed"
export TOKENSERVER_TESTS_DATABASE=postgresql
without() { printf '&FullyQualifiedName!~.%s' "$@" | cut -c2-; }
only() { printf '|FullyQualifiedName~.%s' "$@" | cut -c2-; }
installs=$(only Simultaneity. Transitions. Releases. Expiry. Storage.)
server="($(only Connect. Accounts. Audit. Import. Keys. Storage.))&$(without PasswordHashing PostgresServerTests ManySessions)"
if [ "${TOKENSERVER_TESTS_FULL:-}" = 1 ]; then
  installs=$(without Fields Answers) server=$(without PasswordHashing PostgresServerTests ManySessions BigListTests PruneLoadTests Replicas.)
fi
echo "on PostgreSQL:"
tests tests/InstallLifecycle.Tests --filter "$installs" "$@" & beside=$!
tests tests/TokenServer.Tests --filter "$server" "$@" || failed=1
wait "$beside" || failed=1
exit "$failed"

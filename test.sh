#!/usr/bin/env bash
# Builds everything in Release and runs all the tests. As root on Debian it installs what they need beyond the .NET SDK;
# elsewhere it says which tests it leaves out.
set -euo pipefail
cd "$(dirname "$0")"

has() { # has COMMAND, or has python3:MODULE
  case $1 in
    python3:*) /usr/bin/python3 -c "import ${1#*:}" 2>/dev/null || python3 -c "import ${1#*:}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}
need() { # need COMMAND PACKAGES TESTS
  has "$1" && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing $2"
    # shellcheck disable=SC2086 # several packages
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2 >/dev/null
  fi
  has "$1" || echo "LEFT OUT, since $1 is not there and cannot be installed: $3"
}
need node "nodejs npm" "samples/node, samples/vpn-enterprise"
need npm "npm" "samples/node, the OpenAPI validator"
need curl "curl" "samples/intunnel, samples/installer, the curl examples"
need jq "jq" "samples/intunnel"
need ssh-keygen "openssh-client" "samples/installer"
need shellcheck "shellcheck" "the shell's own check"
need chromium "chromium fonts-dejavu-core" "tests/Browser.Tests"
need python3:requests "python3 python3-requests" "samples/pin, samples/account, the Python example"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build Auth.sln -c Release -v quiet
dotnet test Auth.sln -c Release --no-build --nologo --logger "console;verbosity=minimal" "$@"

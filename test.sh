#!/usr/bin/env bash
# Builds everything in Release and runs all the tests. As root on Debian it installs what they need beyond the .NET SDK;
# elsewhere it says which tests it leaves out.
set -euo pipefail
cd "$(dirname "$0")"

need() { # need COMMAND PACKAGES TESTS
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing $2"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2 >/dev/null
  fi
  command -v "$1" >/dev/null || echo "LEFT OUT, since $1 is not there and cannot be installed: $3"
}
need node "nodejs npm" "samples/node"
need npm "npm" "samples/node"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build Auth.sln -c Release -v quiet
dotnet test Auth.sln -c Release --no-build --nologo --logger "console;verbosity=minimal" "$@"

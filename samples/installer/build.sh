#!/bin/sh
# build.sh install | agent: prints the whole script, as the server hands it out (docs/decisions/0035): its parts, in the order of their numbers.
set -eu
cd "$(dirname "$0")"
find "${1:?install or agent}" shared -name '*.sh' | sort -t / -k 2 | while read -r part; do cat "$part"; done

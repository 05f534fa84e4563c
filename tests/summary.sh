#!/usr/bin/env bash
# The summary of a run: summary.sh FOLDER SECONDS CODE [WHAT WAS LEFT OUT]...
# FOLDER holds a folder for each database with the result files (.trx) of dotnet test; CODE is how the run ended.
# Ends with 1 where no test ran, or where something went wrong that no failed test tells of.
set -euo pipefail
folder=$1 seconds=$2 code=$3
shift 3
mapfile -d '' files < <(find "$folder" -name '*.trx' -print0 | sort -z)

echo
for part in "$@"; do echo "LEFT OUT: $part"; done
printf 'duration: %d min %d s\n' $((seconds / 60)) $((seconds % 60))
if [ ${#files[@]} = 0 ]; then
  echo "no test ran (exit code $code)"
  exit 1
fi
# shellcheck disable=SC2016 # awk's own variables
awk -v code="$code" '
  function attribute(name) {
    if (!match($0, " " name "=\"[^\"]*\"")) return ""
    return text(substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
  }
  function text(xml) {
    gsub(/&quot;/, "\"", xml); gsub(/&lt;/, "<", xml); gsub(/&gt;/, ">", xml); gsub(/&amp;/, "\\&", xml)
    return xml
  }
  # Why it was left out is the first message of its test.
  /<UnitTestResult / {
    outcome = attribute("outcome")
    database = FILENAME; sub(/\/[^\/]*$/, "", database); sub(/^.*\//, "", database)
    isSkipped = outcome == "NotExecuted"
    if (outcome == "Passed") passed++
    else if (isSkipped) skipped++
    else failed[++failures] = attribute("testName") (database == "sqlite" ? "" : " (on " database ")")
  }
  isSkipped && /<Message>/ {
    reason = $0
    gsub(/^.*<Message>|<\/Message>.*$/, "", reason)
    reasons[text(reason)]++
    isSkipped = 0
  }
  END {
    if (skipped) { print "left out:"; fflush() }
    for (reason in reasons) printf "%6d  %s\n", reasons[reason], reason | "sort -k1,1nr -k2"
    close("sort -k1,1nr -k2")
    if (failures) print "failed:"
    for (i = 1; i <= failures; i++) print "        " failed[i]
    isWorse = code != 0 && !failures
    if (isWorse) print "something went wrong that no test tells of: see above (exit code " code ")"
    printf "\n%d passed, %d failed, %d skipped\n", passed, failures, skipped
    exit passed + failures == 0 || isWorse
  }' "${files[@]}"

# What is sent and what comes: JSON, of which no more is read than what has a name and a form.

request() { # request NAME VALUE …: writes a JSON object of strings for the next call; NAME! has a value as it is.
  local json='' text                                                     # A file, since ps shows arguments.
  while (($#)); do # no value has control characters but line feeds: all are checked where they come from
    text=$2
    if [[ $1 != *! ]]; then
      text=${text//"\\"/"\\\\"} text=${text//'"'/'\"'} text=${text//$'\n'/'\n'}
      text="\"$text\""
    fi
    json+="${json:+,}\"${1%!}\":$text"
    shift 2
  done
  printf '{%s}' "$json" >"$work/request"
}

take() { # take NAME PATTERN: what the pattern's group matches after "NAME": in the answer, into REPLY
  local pattern="\"$1\"[[:space:]]*:[[:space:]]*$2"
  [[ $body =~ $pattern ]] && REPLY=${BASH_REMATCH[1]}
}

unanswered() { [[ $http =~ ^(000|500|502|503|504)$ ]]; }

retry_after() { sed -n 's/^retry-after:[[:space:]]*\([0-9]\{1,6\}\)[[:space:]]*$/\1/Ip' "$work/headers" 2>/dev/null | tail -n 1; }

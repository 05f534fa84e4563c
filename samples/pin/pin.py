#!/usr/bin/env python3
"""Opens the PIN gate and asks how the server is. Stops, non-zero, at the first thing that is not as promised."""
import os
import re
import sys

import requests

URL = (sys.argv[1:] + [os.environ.get("TOKENSERVER_URL", "http://localhost:5000")])[0].rstrip("/")
PIN = os.environ.get("PIN", "2468")


class NotAsPromised(Exception):
    """Says what was not."""


class Bearer(requests.auth.AuthBase):
    """Shows a token. (A header alone would lose against an entry in ~/.netrc.)"""

    def __init__(self, token):
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def explain(response):
    """What an answer other than 200 means, for a human."""
    error = response.json().get("error", "")
    if response.status_code == 401:
        return f"refused ({error}): " + ("the PIN is wrong" if error == "Invalid PIN" else "the token is missing, 15 minutes old, or from before a restart of the server")
    if response.status_code == 429:
        return f"refused ({error}): too many attempts from this address, try again in {response.headers['Retry-After']} s"
    if response.status_code == 500:
        return f"the server has no PIN to compare with ({error}): set one with `TokenServer pin set`"
    return f"the server answered {response.status_code} ({error})"


def attempt(pin):
    return requests.post(f"{URL}/api/auth", json={"pin": pin}, timeout=10)


def status(token=None):
    return requests.get(f"{URL}/api/status", auth=token and Bearer(token), timeout=10)


def promised(held, promise):
    if not held:
        raise NotAsPromised(promise)
    print(f"ok  {promise}")


def main():
    opened = attempt(PIN)
    if opened.status_code != 200:
        raise NotAsPromised(explain(opened))
    token = opened.json()["token"]
    promised(re.fullmatch("[0-9a-f]{64}", token), "the PIN opens the gate: a token of 64 hex characters")

    answer = status(token)
    if answer.status_code != 200:
        raise NotAsPromised(explain(answer))
    health = answer.json()
    promised(health["status"] == "ok" and health["uptime_seconds"] >= 0,
             f"the server is ok: version {health['version']}, up for {health['uptime_seconds']} s; the token ends at {health['token_expires_at']}")

    stranger = status()
    promised(stranger.status_code == 401 and stranger.json() == {"error": "Authentication required"}, f"without the token: {explain(stranger)}")
    wrong = attempt(PIN + "0")
    promised(wrong.status_code == 429 or wrong.status_code == 401 and wrong.json() == {"error": "Invalid PIN"}, f"with another PIN: {explain(wrong)}")


if __name__ == "__main__":
    try:
        main()
    except NotAsPromised as problem:
        sys.exit(f"NOT {problem}")
    except requests.ConnectionError:
        sys.exit(f"NOT {URL} answers")
    except (requests.RequestException, KeyError, ValueError) as problem:
        sys.exit(f"NOT an answer that can be understood from {URL}: {problem!r}")

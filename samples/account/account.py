#!/usr/bin/env python3
"""What an account's owner does: an API key for a machine, a second factor, a new password; all of it is undone again.

Stops, non-zero, at the first thing that is not as promised.
"""
import base64
import hmac
import os
import re
import secrets
import struct
import sys
import time

import requests

URL = (sys.argv[1:] + [os.environ.get("TOKENSERVER_URL", "http://localhost:5000")])[0].rstrip("/")
USERNAME = os.environ.get("ACCOUNT_USERNAME", "jane.doe")
PASSWORD = os.environ.get("ACCOUNT_PASSWORD", "demo-password-of-jane")


class NotAsPromised(Exception):
    """Says what was not."""


class Bearer(requests.auth.AuthBase):
    """Shows a token or an API key. (A header alone would lose against an entry in ~/.netrc.)"""

    def __init__(self, token):
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def promised(held, promise):
    if not held:
        raise NotAsPromised(promise)
    print(f"ok  {promise}")


def call(method, path, token=None, expect=200, **body):
    """Sends JSON and gives the JSON that comes back, with the status that is due."""
    response = requests.request(method, URL + path, json=body or None, auth=token and Bearer(token), timeout=10)
    answer = response.json() if response.content else {}
    if response.status_code != expect:
        error = answer.get("error", "") if isinstance(answer, dict) else ""
        wait = f", try again in {response.headers['Retry-After']} s" if "Retry-After" in response.headers else ""
        raise NotAsPromised(f"{method} {path} answers {expect}: it answered {response.status_code} {error}{wait}")
    return answer


def totp(secret, steps=0):
    """The code an authenticator app shows (RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits), so many half minutes from now."""
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", int(time.time()) // 30 + steps), "sha1").digest()
    number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def sign_in(password):
    return call("POST", "/api/v1/auth/login", username=USERNAME, password=password)


def machine_key(token):
    """A machine gets a key of its own, which can do less than its owner and dies when it is deleted."""
    key = call("POST", "/api/v1/auth/keys", token, 201, name="sample machine")
    promised(re.fullmatch("sk_live_[0-9A-Za-z]{24}", key["apiKey"]), "made an API key; it is shown this once")
    promised(listed(token, key["keyId"])["lastUsed"] is None, "listed it: never used")

    machine = call("GET", "/auth/me", key["apiKey"])["user"]
    promised(listed(token, key["keyId"])["lastUsed"] is not None, f"a machine asked who it is with the key: {machine['name']}; the list says so")
    call("GET", "/api/v1/auth/keys", key["apiKey"], 403)
    call("DELETE", f"/api/v1/auth/keys/{key['keyId']}", token, 204)
    call("GET", "/auth/me", key["apiKey"], 401)
    call("DELETE", f"/api/v1/auth/keys/{key['keyId']}", token, 404)
    promised(True, "the key could not manage keys; deleted, it is dead at once")


def listed(token, key_id):
    return next((key for key in call("GET", "/api/v1/auth/keys", token) if key["keyId"] == key_id), {"lastUsed": "not even listed"})


def second_factor(token):
    """The secret goes into an authenticator app, mostly by the QR code; it counts from the first code on."""
    setup = call("POST", "/api/v1/auth/2fa/setup", token)
    promised(setup["secret"] in setup["otpauth_uri"] and "<svg" in setup["qr_svg"], "set a second factor up: a secret, and a QR code of it")
    recovery_codes = call("POST", "/api/v1/auth/2fa/enable", token, code=totp(setup["secret"]))["recovery_codes"]
    try:
        promised(len(set(recovery_codes)) == 10, "enabled it with a code; ten recovery codes")
        due = call("POST", "/api/v1/auth/login", expect=401, username=USERNAME, password=PASSWORD)
        promised(due["requires_2fa"] is True and "token" not in due, "the password alone gives no token any more")
        # Each code works once. The server allows a step of clock drift, so the next one is good already.
        signed_in = call("POST", "/api/v1/auth/verify-2fa", temp_token=due["temp_token"], code=totp(setup["secret"], 1))
        promised(call("GET", "/auth/me", signed_in["token"])["success"], "signed in with password and code")
    finally:
        call("POST", "/api/v1/auth/2fa/disable", token, password=PASSWORD, code=recovery_codes[0])
    promised(sign_in(PASSWORD)["token"], "disabled it, with a recovery code: the password is enough again")
    return signed_in["token"]


def new_password(token, other):
    """The one who changes the password stays signed in, every other session ends."""
    fresh = secrets.token_urlsafe(16)
    call("POST", "/api/v1/auth/password", token, 401, current_password=PASSWORD + "x", new_password=fresh)
    call("POST", "/api/v1/auth/password", token, current_password=PASSWORD, new_password=fresh)
    try:
        refused = call("POST", "/api/v1/auth/login", expect=401, username=USERNAME, password=PASSWORD)
        promised(refused == {"error": "Invalid credentials"}, "changed the password: the old one is refused")
        call("GET", "/auth/me", other, 401)
        promised(sign_in(fresh)["token"], "the other session has ended, the new password signs in")
    finally:
        call("POST", "/api/v1/auth/password", token, current_password=fresh, new_password=PASSWORD)
    promised(sign_in(PASSWORD)["token"], "changed it back")


def main():
    session = sign_in(PASSWORD)
    token = session["token"]
    promised(session["user"]["username"] == USERNAME, f"signed in as {session['user']['id']} for {session['expires_in']} s")
    machine_key(token)
    other = second_factor(token)
    new_password(token, other)
    message = call("POST", "/api/v1/auth/logout", token)["message"]
    promised(call("GET", "/api/v1/auth/keys", token, 401) == {"error": "Authentication required"}, message)


if __name__ == "__main__":
    try:
        main()
    except NotAsPromised as problem:
        sys.exit(f"NOT {problem}")
    except requests.ConnectionError:
        sys.exit(f"NOT {URL} answers")
    except (requests.RequestException, KeyError, ValueError) as problem:
        sys.exit(f"NOT an answer that can be understood from {URL}: {problem!r}")

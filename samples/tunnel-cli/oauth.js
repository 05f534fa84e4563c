// What a client without a browser needs of OAuth: the device flow (RFC 8628), refresh (RFC 6749 section 6), revocation (RFC 7009).
import { setTimeout as sleep } from 'node:timers/promises';

/** The server has answered, and not as was hoped. */
export class OAuthError extends Error {
  constructor(status, answer, retryAfter) {
    super(answer.error_description ?? answer.error ?? `the server answered ${status}`);
    Object.assign(this, { status, code: answer.error, retryAfter });
  }
}

/** Nobody has answered. */
export class Unreachable extends Error {}

export class Server {
  #address; #clientId; #metadata;

  constructor(address, clientId) {
    this.#address = new URL(address);
    this.#clientId = clientId;
  }

  startDevice(scope, deviceName) {
    return this.#post('device_authorization_endpoint', { scope, device_name: deviceName.slice(0, 100) });
  }

  /** Polls until somebody has allowed the device; its tokens. */
  async waitForPerson(device) {
    const end = Date.now() + device.expires_in * 1000;
    for (let wait = (device.interval ?? 5) * 1000; Date.now() < end;) {
      await sleep(wait);
      try {
        return keep(await this.#post('token_endpoint',
          { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: device.device_code }));
      } catch (error) {
        if (error instanceof Unreachable) wait *= 2;
        else if (error.code === 'slow_down') wait += 5000;
        else if (error.status === 429 || error.status >= 500) wait = Math.max(wait, (error.retryAfter ?? 5) * 1000);
        else if (error.code === 'access_denied') throw new Error('the device was denied');
        else if (error.code === 'expired_token') break;
        else if (error.code !== 'authorization_pending') throw error;
      }
    }
    throw new Error('nobody has allowed the device in time');
  }

  /**
   * The next tokens. Where the answer is lost the server may have done its part: for half a minute the same refresh token gets the
   * same successor again, also where two of these programs run at once.
   */
  async refresh(refreshToken) {
    for (let attempt = 1; ; attempt++) {
      try {
        return keep(await this.#post('token_endpoint', { grant_type: 'refresh_token', refresh_token: refreshToken }));
      } catch (error) {
        if (error instanceof OAuthError && error.status < 500 || attempt === 3) throw error;
        await sleep(attempt * 1000);
      }
    }
  }

  async revoke(token) {
    await this.#post('revocation_endpoint', { token });
  }

  /** GETs an endpoint of the metadata, or a path of the server's. */
  async get(endpoint, token) {
    const url = endpoint.startsWith('/') ? new URL(endpoint, this.#address) : (await this.#endpoints())[endpoint];
    return send(url, { headers: { authorization: `Bearer ${token}` } });
  }

  async #post(endpoint, form) {
    const url = (await this.#endpoints())[endpoint];
    if (!url) throw new Error(`the server has no ${endpoint}`);
    return send(url, { method: 'POST', body: new URLSearchParams({ client_id: this.#clientId, ...form }) });
  }

  #endpoints() {
    return this.#metadata ??= send(new URL('/.well-known/openid-configuration', this.#address));
  }
}

// What is kept: when to renew it, too, a little before it ends.
function keep({ access_token, refresh_token, expires_in }) {
  return { access_token, refresh_token, renew_at: Date.now() + (expires_in - Math.min(60, expires_in / 10)) * 1000 };
}

async function send(url, options) {
  let response, text;
  try {
    response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(15_000), ...options });
    text = await response.text();
  } catch (error) {
    throw new Unreachable(error.cause?.message ?? error.message);
  }
  if (response.ok) return text ? JSON.parse(text) : {};
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Somebody in between has answered, not the server.
  }
  throw new OAuthError(response.status, answer, Number(response.headers.get('retry-after')) || undefined);
}

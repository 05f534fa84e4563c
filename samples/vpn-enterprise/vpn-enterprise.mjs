// A session of the VPN Enterprise API that keeps itself alive. Stops, non-zero, at the first thing that is not as promised. Node 18 or later, nothing else.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

class VpnEnterpriseError extends Error {
  constructor(status, answer) {
    super(answer.error ?? `the server answered ${status}`);
    Object.assign(this, { status, answer });
  }
}

class VpnEnterprise {
  #url; #fetch; #now; #renewal;

  /** What an app keeps, where only its user can read it: `{ token, refreshToken, renewAt }`; undefined while nobody is signed in. */
  session;

  constructor(url, { session, fetch = globalThis.fetch, now = Date.now } = {}) {
    this.#url = new URL('/v1/auth', url).href;
    this.#fetch = fetch;
    this.#now = now;
    this.session = session;
  }

  /** Signs in; `askCode` is called when a second factor is due. */
  async login(email, password, askCode) {
    const first = await this.#send('POST', '/login', { email, password }).catch((error) => {
      if (error.answer?.requires_2fa && askCode) return error.answer;
      throw error;
    });
    const answer = first.requires_2fa ? await this.#send('POST', '/verify-2fa', { temp_token: first.temp_token, code: await askCode() }) : first;
    this.#keep(answer);
    return answer.user;
  }

  async me() {
    return (await this.#authorized('GET', '/me')).user;
  }

  async logout() {
    const { message } = await this.#authorized('POST', '/logout', {});
    this.session = undefined;
    return message;
  }

  // With a token that is still good for a while; where the server sees that otherwise, with a fresh one.
  async #authorized(method, path, body) {
    if (!this.session) throw new Error('nobody is signed in');
    if (this.#now() >= this.session.renewAt) await this.#renew();
    try {
      return await this.#send(method, path, body, this.session.token);
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.#renew();
      return this.#send(method, path, body, this.session.token);
    }
  }

  // However many calls find the token too old, it is renewed once.
  #renew() {
    return this.#renewal ??= this.#refresh().finally(() => { this.#renewal = undefined; });
  }

  // The refresh token rotates. Where the answer is lost, the server may have done its part: within 30 seconds
  // the same refresh token gets the same successor again. So it is thrown away only for the next one in hand.
  async #refresh() {
    for (let attempt = 0; ; attempt++) {
      try {
        this.#keep(await this.#send('POST', '/refresh', { refresh_token: this.session.refreshToken }));
        return;
      } catch (error) {
        if (error instanceof VpnEnterpriseError || attempt === 3) throw error;
        await sleep(attempt * 500);
      }
    }
  }

  #keep({ token, refresh_token: refreshToken, expires_in: seconds }) {
    this.session = { token, refreshToken, renewAt: this.#now() + (seconds - Math.min(30, seconds / 10)) * 1000 };
  }

  async #send(method, path, body, token) {
    const headers = { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) };
    for (let attempt = 0; ; attempt++) {
      const response = await this.#fetch(this.#url + path, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000) });
      const wait = Number(response.headers.get('retry-after'));
      if ([429, 503].includes(response.status) && wait > 0 && wait <= 60 && attempt < 2) {
        await response.body?.cancel();
        await sleep(wait * 1000);
        continue;
      }
      const answer = await response.json();
      if (response.ok && answer.success) return answer;
      throw new VpnEnterpriseError(response.status, answer);
    }
  }
}

// ---- What it promises, held against a server ----

const url = process.argv[2] ?? process.env.TOKENSERVER_URL ?? 'http://localhost:5000';
const email = process.env.VPN_EMAIL ?? 'jane.doe@example.com';
const password = process.env.VPN_PASSWORD ?? 'demo-password-of-jane';
const askCode = () => process.env.VPN_CODE ?? assert.fail('the code of the second factor is in VPN_CODE');

const step = (text) => console.log(`ok  ${text}`);
process.on('uncaughtException', (error) => {
  console.error('NOT', error.message, error.cause?.message ?? '');
  process.exit(1);
});

// A network that can lose an answer after the server gave it, and a clock that can be ahead.
let hoursLater = 0, loseNext = false, refreshes = 0;
const now = () => Date.now() + hoursLater * 3_600_000;
const network = async (address, options) => {
  const response = await fetch(address, options);
  if (!address.endsWith('/refresh')) return response;
  refreshes++;
  if (!loseNext) return response;
  loseNext = false;
  await response.body?.cancel();
  throw new TypeError('the connection broke before the answer came');
};

const vpn = new VpnEnterprise(url, { fetch: network, now });
const user = await vpn.login(email, password, askCode);
assert.match(user.id, /^usr_\d+$/);
assert.match(vpn.session.refreshToken, /^rt_[\w-]{43}$/);
step(`login: ${user.name} (${user.role})`);

const me = await vpn.me();
assert.deepEqual([me.id, me.email, me.last_login], [user.id, user.email, user.last_login]);
assert.equal(refreshes, 0);
step(`me: ${me.id}, last login ${me.last_login}`);

const atLogin = vpn.session;
hoursLater = 1;
await Promise.all([vpn.me(), vpn.me(), vpn.me()]);
assert.equal(refreshes, 1);
assert.notEqual(vpn.session.token, atLogin.token);
assert.notEqual(vpn.session.refreshToken, atLogin.refreshToken);
step('an hour later: three calls at once renewed the access token once, and the refresh token rotated');

hoursLater = 2;
loseNext = true;
assert.equal((await vpn.me()).id, user.id);
assert.equal(refreshes, 3);
step('another hour later: the answer to the refresh was lost, asking again cost nothing');

const last = vpn.session;
assert.equal(await vpn.logout(), 'Logged out');
const over = await new VpnEnterprise(url, { session: { ...last, renewAt: Infinity } }).me().then(() => assert.fail('it answers after the logout'), (error) => error);
assert.equal(over.message, 'Invalid or expired refresh token');
step('logout: neither the access token nor the refresh token is good any more');

#!/usr/bin/env node
// Signs in a machine that has no browser (RFC 8628), keeps its tokens, calls the API, signs out. Node 18 or later.
import { hostname } from 'node:os';
import { OAuthError, Server, Unreachable } from './oauth.js';
import { Store } from './store.js';
import { draw } from './qr.js';

const usage = `usage: tunnel-cli <command> [server]

  login    sign this machine in: shows a code, and waits until somebody allows it in a browser
  whoami   the account it is signed in to
  tunnels  the account's tunnels
  token    prints an access token that is good for a while, for other programs
  logout   sign out: the tokens are dead, here and at the server

  TOKENSERVER_URL         the server, where no argument names it (that of the last login, else http://localhost:5000)
  TUNNEL_CLI_CLIENT_ID    the client that the server knows this program as (tunnel-cli)
  TUNNEL_CLI_DEVICE_NAME  what the person who allows it sees (the host's name)
  TUNNEL_CLI_HOME         where the tokens are kept, readable for you alone (~/.config/tunnel-cli)`;

const { env } = process;
const store = new Store(env.TUNNEL_CLI_HOME);
const [command, address = env.TOKENSERVER_URL ?? store.lastServer() ?? 'http://localhost:5000'] = process.argv.slice(2);
const server = new Server(address, env.TUNNEL_CLI_CLIENT_ID ?? 'tunnel-cli');

const nobody = `nobody is signed in at ${address}: run tunnel-cli login, or name the server that you have signed in at`;

const commands = {
  async login() {
    const device = await server.startDevice('openid profile offline_access api', env.TUNNEL_CLI_DEVICE_NAME ?? hostname());
    const qr = await draw(device.verification_uri_complete);
    if (qr) console.error(qr);
    console.error(`Open ${device.verification_uri} and enter the code ${device.user_code}`);
    console.error(qr ? 'or scan the picture; compare the code before you allow it.' : `or open ${device.verification_uri_complete}`);
    store.write(address, await server.waitForPerson(device));
    store.rememberServer(address);
    const { preferred_username: name, sub } = await signedIn((token) => server.get('userinfo_endpoint', token));
    console.log(`signed in as ${name ?? `user ${sub}`}`);
  },

  async whoami() {
    const user = await signedIn((token) => server.get('userinfo_endpoint', token));
    console.log(`${user.preferred_username ?? `user ${user.sub}`}${user.name ? ` (${user.name})` : ''}`);
  },

  async tunnels() {
    const { tunnels } = await signedIn((token) => server.get('/api/tunnels', token));
    for (const tunnel of tunnels) console.log(`${tunnel.id}\t${tunnel.name}`);
    if (tunnels.length === 0) console.error('the account has no tunnels');
  },

  async token() {
    console.log((await fresh()).access_token);
  },

  async logout() {
    const tokens = store.read(address);
    if (!tokens) throw new Error(nobody);
    // First there, then here: what could not be said to the server can be said again.
    await server.revoke(tokens.refresh_token ?? tokens.access_token);
    store.forget(address);
    console.log('signed out');
  },
};

/** The tokens, renewed where they are about to end. */
async function fresh(isRefused = false) {
  const tokens = store.read(address);
  if (!tokens) throw new Error(nobody);
  if (!isRefused && Date.now() < tokens.renew_at) return tokens;
  if (!tokens.refresh_token) throw new Error('the sign-in is over: run tunnel-cli login');
  try {
    const next = await server.refresh(tokens.refresh_token);
    store.write(address, next);
    return next;
  } catch (error) {
    if (!(error instanceof OAuthError && error.code === 'invalid_grant')) throw error;
    // Somebody has ended the session; what is kept here is good for nothing.
    store.forget(address);
    throw new Error('the sign-in was ended: run tunnel-cli login');
  }
}

/** Calls with a token; where the server takes it no more, once again with a new one. */
async function signedIn(call) {
  try {
    return await call((await fresh()).access_token);
  } catch (error) {
    if (error.status !== 401) throw error;
    return call((await fresh(true)).access_token);
  }
}

if (!Object.hasOwn(commands, command ?? '')) {
  console.error(usage);
  process.exit(2);
}
try {
  await commands[command]();
} catch (error) {
  console.error(`NOT done: ${error instanceof Unreachable ? `${address} does not answer (${error.message})` : error.message}`);
  process.exitCode = 1;
}

// The whole life of a token, with the clients and users of samples/demo.json. Stops, non-zero, at the first thing that is not as promised.
import assert from 'node:assert/strict';
import { ClientCredentials, ResourceOwnerPassword } from 'simple-oauth2';
import { Dpop } from './dpop.js';
import { totp } from './totp.js';
import { verifier } from './verify.js';

const url = process.argv[2] ?? process.env.TOKENSERVER_URL ?? 'http://localhost:5000';
const resourceServer = { id: 'api', secret: 'api-demo-secret' };
const jane = { username: 'jane.doe', password: 'demo-password-of-jane', scope: 'openid profile offline_access api' };
const john = { username: 'john.roe', password: 'demo-password-of-john', scope: 'openid api' };
const johnsAuthenticator = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const step = (text) => console.log(`ok  ${text}`);
process.on('uncaughtException', (error) => {
  console.error('NOT', error.message, error.data?.payload ?? '');
  process.exit(1);
});

async function json(address, options) {
  const response = await fetch(address, options);
  assert.equal(response.status, 200, `${address} answers 200`);
  return response.json();
}

// discovery (RFC 8414)
const metadata = await json(new URL('/.well-known/openid-configuration', url));
assert.equal(metadata.issuer, new URL(url).origin);
step(`discovery: issuer ${metadata.issuer}`);

const verify = verifier(metadata);
const auth = { tokenHost: metadata.issuer, tokenPath: new URL(metadata.token_endpoint).pathname, revokePath: new URL(metadata.revocation_endpoint).pathname };
const web = new ResourceOwnerPassword({ client: { id: 'web', secret: 'web-demo-secret' }, auth });
const worker = new ClientCredentials({ client: { id: 'worker', secret: 'worker-demo-secret' }, auth });

// introspection (RFC 7662), as the resource server that the token is for
const introspect = (token) => json(metadata.introspection_endpoint, {
  method: 'POST',
  headers: { authorization: `Basic ${Buffer.from(`${resourceServer.id}:${resourceServer.secret}`).toString('base64')}` },
  body: new URLSearchParams({ token }),
});

// signing in with a password
const signedIn = await web.getToken(jane);
const first = signedIn.token;
assert.equal(first.token_type, 'Bearer');
assert.equal(first.scope.split(' ').sort().join(' '), 'api offline_access openid profile');
assert.match(first.refresh_token, /^rt_[\w-]{43}$/);
step(`password: tokens for ${first.expires_in} s, scope "${first.scope}"`);

// verifying both tokens offline
const access = await verify.accessToken(first.access_token, 'api');
const id = await verify.idToken(first.id_token, 'web', first.access_token);
assert.equal(access.client_id, 'web');
assert.equal(id.sub, access.sub);
assert.deepEqual(id.amr, ['pwd']);
step(`access token and id token: signatures and claims hold, sub ${access.sub}`);

// userinfo (OpenID Connect Core section 5.3)
const user = await json(metadata.userinfo_endpoint, { headers: { authorization: `Bearer ${first.access_token}` } });
assert.equal(user.sub, access.sub);
assert.equal(user.preferred_username, 'jane.doe');
step(`userinfo: ${user.name}`);

const told = await introspect(first.access_token);
assert.equal(told.active, true);
assert.equal(told.token_use, 'access');
assert.equal(told.username, 'jane.doe');
assert.equal(told.sid, access.sid);
step('introspection: active');

// refreshing (RFC 6749 section 6): the refresh token rotates
const refreshed = await signedIn.refresh();
const second = refreshed.token;
assert.notEqual(second.refresh_token, first.refresh_token);
assert.equal((await verify.accessToken(second.access_token, 'api')).sid, access.sid);
await verify.idToken(second.id_token, 'web', second.access_token);
step('refresh: a new access token and the next refresh token of the same session');

// ... and an answer that was lost may be asked for again
const again = await web.createToken(first).refresh();
assert.equal(again.token.refresh_token, second.refresh_token);
assert.notEqual(again.token.access_token, second.access_token);
step('refresh again within the leeway: the same next refresh token');

// a second factor: the password alone gives no token
const refusal = await web.getToken(john).then(() => assert.fail('a token without the second factor'), (error) => error.data?.payload ?? error);
assert.equal(refusal.error, 'mfa_required');
const answer = await json(metadata.token_endpoint, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'urn:tokenserver:grant-type:two_factor', client_id: 'web', client_secret: 'web-demo-secret', temp_token: refusal.temp_token, code: totp(johnsAuthenticator),
  }),
});
await verify.accessToken(answer.access_token, 'api');
assert.deepEqual((await verify.idToken(answer.id_token, 'web', answer.access_token)).amr, ['pwd', 'otp', 'mfa']);
step('second factor: a code completes the sign-in');

// a client of its own (RFC 6749 section 4.4)
const own = await worker.getToken({ scope: 'api' });
const claims = await verify.accessToken(own.token.access_token, 'api');
assert.equal(claims.sub, 'worker');
assert.equal(own.token.refresh_token, undefined);
step('client credentials: an access token, no refresh token');

// a token that is bound to a key (RFC 9449): whoever copies it cannot use it; this client has to sign the server's nonce, too
const dpop = new Dpop();
const bound = await (await dpop.fetch(metadata.token_endpoint, {
  method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'api', client_id: 'bound-worker', client_secret: 'bound-worker-demo-secret' }),
})).json();
assert.equal(bound.token_type, 'DPoP', bound.error_description);
assert.equal((await verify.accessToken(bound.access_token, 'api')).cnf.jkt, dpop.thumbprint);
assert.equal((await introspect(bound.access_token)).cnf.jkt, dpop.thumbprint);
// ... and the proof of it, as a resource server checks it
const request = { method: 'GET', address: 'https://api.example.com/things?page=2', accessToken: bound.access_token, thumbprint: dpop.thumbprint };
const seen = new Set();
const isFirst = (id) => seen.size < seen.add(id).size;
const proof = dpop.prove('GET', request.address, bound.access_token);
assert.equal(await Dpop.check(proof, { ...request, method: 'POST', isFirst }), 'its htm is another method');
assert.equal(await Dpop.check(proof, { ...request, isFirst }), undefined);
assert.equal(await Dpop.check(proof, { ...request, isFirst }), 'it was used before');
step('DPoP: a token bound to a key, and the proof that a resource server checks');

// revoking (RFC 7009)
await own.revoke('access_token');
assert.deepEqual(await introspect(own.token.access_token), { active: false });
step("revocation of a client's own token: inactive");

await refreshed.revoke('refresh_token');
for (const token of [first.access_token, second.access_token, again.token.access_token]) assert.deepEqual(await introspect(token), { active: false });
const over = await web.createToken(second).refresh().then(() => assert.fail('refreshed after the end'), (error) => error.data?.payload ?? error);
assert.equal(over.error, 'invalid_grant');
step('revocation of the refresh token: the session has ended, all its tokens are inactive');

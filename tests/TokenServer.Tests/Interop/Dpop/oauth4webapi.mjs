// oauth4webapi with DPoP, step by step: the nonce that is asked for, a client's own token, a public client's refresh token and its key.
// Arguments: the server's address, the clients' secret, the user's password.
import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';

const [url, secret, password] = process.argv.slice(2);
const insecure = { [oauth.allowInsecureRequests]: true };
const as = await oauth.processDiscoveryResponse(new URL(url), await oauth.discoveryRequest(new URL(url), insecure));

// A client that is always bound: the first request is told a nonce, the second has signed it.
const bound = { client_id: 'bound' };
let DPoP = oauth.DPoP(bound, await oauth.generateKeyPair('ES256'));
const ask = async () => oauth.processClientCredentialsResponse(as, bound, await oauth.clientCredentialsGrantRequest(
  as, bound, oauth.ClientSecretBasic(secret), new URLSearchParams({ scope: 'api' }), { DPoP, ...insecure }));
await assert.rejects(ask(), (error) => oauth.isDPoPNonceError(error));
const own = await ask();
assert.equal(own.token_type, 'dpop');
assert.equal((await ask()).token_type, 'dpop');

// Its introspection by the resource server.
const api = { client_id: 'api' };
const told = await oauth.processIntrospectionResponse(as, api, await oauth.introspectionRequest(as, api, oauth.ClientSecretBasic(secret), own.access_token, insecure));
assert.equal(told.cnf.jkt, await DPoP.calculateThumbprint());

// A public client.
const mobile = { client_id: 'mobile' };
DPoP = oauth.DPoP(mobile, await oauth.generateKeyPair('ES256'));
const form = new URLSearchParams({ username: 'bob', password, scope: 'openid offline_access api' });
const tokens = await oauth.processGenericTokenEndpointResponse(as, mobile,
  await oauth.genericTokenEndpointRequest(as, mobile, oauth.None(), 'password', form, { DPoP, ...insecure }));
assert.equal(tokens.token_type, 'dpop');
const refresh = async (by, token) => oauth.processRefreshTokenResponse(as, mobile,
  await oauth.refreshTokenGrantRequest(as, mobile, oauth.None(), token, { ...by && { DPoP: by }, ...insecure }));
const other = oauth.DPoP(mobile, await oauth.generateKeyPair('ES256'));
for (const wrong of [other, undefined]) await assert.rejects(refresh(wrong, tokens.refresh_token), (error) => error.error === 'invalid_grant');
const next = await refresh(DPoP, tokens.refresh_token);
const show = (by) => oauth.protectedResourceRequest(next.access_token, 'GET', new URL('/auth/me', url), undefined, undefined, { ...by && { DPoP: by }, ...insecure });
assert.equal((await show(DPoP)).status, 200);
for (const wrong of [other, undefined]) {
  const error = await show(wrong).catch((e) => e);
  assert.equal(error.cause[0].scheme, 'dpop');
}
console.log('all as promised');

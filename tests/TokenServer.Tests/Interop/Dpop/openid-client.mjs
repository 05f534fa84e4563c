// The whole code flow of openid-client 6 with DPoP: pushed request, code, UserInfo, another route, renewal. Arguments: the server's address, the
// cookies of a browser that is signed in, the client's secret.
import assert from 'node:assert/strict';
import * as client from 'openid-client';

const [url, cookie, secret] = process.argv.slice(2);
const redirect_uri = 'https://client.example/cb', scope = 'openid offline_access api';
const config = await client.discovery(new URL(url), 'strict', undefined, client.ClientSecretBasic(secret), { execute: [client.allowInsecureRequests] });
assert.ok(config.serverMetadata().dpop_signing_alg_values_supported.includes('ES256'));

for (const algorithm of ['ES256', 'PS256']) {
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair(algorithm));
  const pkceCodeVerifier = client.randomPKCECodeVerifier(), expectedState = client.randomState();
  const code_challenge = await client.calculatePKCECodeChallenge(pkceCodeVerifier);
  const asked = { redirect_uri, scope, code_challenge, code_challenge_method: 'S256', state: expectedState };
  const address = await client.buildAuthorizationUrlWithPAR(config, asked, { DPoP });
  const back = await fetch(address, { redirect: 'manual', headers: { cookie } });
  assert.equal(back.status, 303);
  const tokens = await client.authorizationCodeGrant(config, new URL(back.headers.get('location')), { pkceCodeVerifier, expectedState }, undefined, { DPoP });
  assert.equal(tokens.token_type, 'dpop');
  const { sub } = tokens.claims();
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).sub, sub);
  const me = await client.fetchProtectedResource(config, tokens.access_token, new URL('/auth/me', url), 'GET', undefined, undefined, { DPoP });
  assert.equal(me.status, 200);
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.equal(renewed.token_type, 'dpop');
  const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair(algorithm));
  await assert.rejects(client.fetchUserInfo(config, renewed.access_token, sub, { DPoP: other }));
  assert.equal((await client.fetchUserInfo(config, renewed.access_token, sub, { DPoP })).sub, sub);
}
console.log('all as promised');

import assert from 'node:assert/strict';
import { createHash, webcrypto } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';

// jose takes it from there; Node 18 has it in its module alone.
globalThis.crypto ??= webcrypto;

// Checks tokens as a resource server and as a relying party do: against the published keys, with every claim that matters.
export function verifier(metadata) {
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const verify = async (token, expected) => (await jwtVerify(token, keys, { issuer: metadata.issuer, ...expected })).payload;

  return {
    // RFC 9068 section 4.
    accessToken: (token, audience) => verify(token, { audience, typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['sub', 'client_id', 'exp', 'iat', 'jti', 'scope'] }),

    // OpenID Connect Core sections 3.1.3.7 and 3.1.3.8.
    async idToken(token, audience, accessToken) {
      const claims = await verify(token, { audience, typ: 'JWT', algorithms: ['RS256'], requiredClaims: ['sub', 'exp', 'iat', 'auth_time', 'amr'] });
      const half = createHash('sha256').update(accessToken).digest().subarray(0, 16);
      assert.equal(claims.at_hash, half.toString('base64url'), 'at_hash ties the id token to its access token');
      return claims;
    },
  };
}

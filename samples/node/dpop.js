import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';

// Proofs of a key (DPoP, RFC 9449): made for requests that go, checked for requests that come. ES256 and Node alone; copy this file.
export class Dpop {
  #keys;
  #nonces = new Map();

  // With a key of its own, or one that was kept: a refresh token of a public client is good with the same key alone.
  constructor(keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })) {
    this.#keys = keys;
    const { crv, kty, x, y } = keys.publicKey.export({ format: 'jwk' });
    this.jwk = { crv, kty, x, y };
    this.thumbprint = Dpop.thumbprintOf(this.jwk);
  }

  // What a token that is bound to the key says of it, cnf.jkt (RFC 7638); also the value of dpop_jkt.
  static thumbprintOf = ({ crv, kty, x, y }) => hash(JSON.stringify({ crv, kty, x, y }));

  // The value of the DPoP header of one request; a second request needs another.
  prove(method, address, accessToken) {
    const { origin, pathname } = new URL(address);
    const claims = { jti: randomBytes(16).toString('base64url'), htm: method, htu: origin + pathname, iat: Math.floor(Date.now() / 1000) };
    if (accessToken) claims.ath = hash(accessToken);
    if (this.#nonces.has(origin)) claims.nonce = this.#nonces.get(origin);
    const signed = `${part({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk })}.${part(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  // fetch with a proof, by the scheme DPoP where there is a token; once more where the server wants its nonce signed.
  async fetch(address, options = {}, accessToken = undefined, attempt = 1) {
    const { origin } = new URL(address);
    const headers = { ...options.headers, dpop: this.prove(options.method ?? 'GET', address, accessToken) };
    if (accessToken) headers.authorization = `DPoP ${accessToken}`;
    const response = await fetch(address, { ...options, headers });
    const nonce = response.headers.get('dpop-nonce');
    if (nonce) this.#nonces.set(origin, nonce);
    return nonce && attempt === 1 && await wantsNonce(response) ? this.fetch(address, options, accessToken, 2) : response;
  }

  // Checks the proof of a request (RFC 9449 section 4.3) whose access token has been checked by itself, and was shown by the scheme DPoP:
  // its address is the one that the client called, thumbprint the token's cnf.jkt. isFirst(id, until) notes an id, on all replicas, and is
  // false where it was noted before. Gives what is wrong; undefined where nothing is.
  static async check(proof, { method, address, accessToken, thumbprint, isFirst, now = Date.now() / 1000, window = 60 }) {
    try {
      const parts = proof.split('.');
      if (parts.length !== 3 || !parts.every((p) => /^[\w-]+$/.test(p))) return 'it is no JWT';
      const [header, claims] = parts.slice(0, 2).map((p) => JSON.parse(Buffer.from(p, 'base64url')));
      if (header.typ !== 'dpop+jwt' || header.alg !== 'ES256') return 'its typ or alg is another';
      const { kty, crv, x, y, d } = header.jwk;
      if (kty !== 'EC' || crv !== 'P-256' || d !== undefined) return 'its jwk is no public P-256 key';
      const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
      const signature = Buffer.from(parts[2], 'base64url');
      if (!verify('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), { key, dsaEncoding: 'ieee-p1363' }, signature)) return 'its signature does not hold';
      if (claims.htm !== method) return 'its htm is another method';
      if (withoutQuery(claims.htu) !== withoutQuery(address)) return 'its htu is another address';
      if (claims.ath !== hash(accessToken)) return "its ath is another token's";
      if (Dpop.thumbprintOf(header.jwk) !== thumbprint) return "its key is another than the token's";
      if (!(Math.abs(now - claims.iat) <= window)) return 'its iat is not now';
      if (typeof claims.jti !== 'string' || !claims.jti) return 'it has no jti';
      return await isFirst(`${thumbprint} ${claims.jti}`, claims.iat + window) ? undefined : 'it was used before';
    } catch {
      return 'it is not well-formed';
    }
  }
}

async function wantsNonce(response) {
  if (response.status === 401) return (response.headers.get('www-authenticate') ?? '').includes('use_dpop_nonce');
  return response.status === 400 && (await response.clone().text()).includes('use_dpop_nonce');
}

// URL has normalized it.
function withoutQuery(address) {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

const hash = (text) => createHash('sha256').update(text, 'ascii').digest('base64url');
const part = (members) => Buffer.from(JSON.stringify(members)).toString('base64url');

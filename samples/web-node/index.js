// A web application in Node whose people sign in at the token server: authorization code with PKCE, by openid-client.
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import * as client from 'openid-client'

const server = new URL(process.env.TOKENSERVER_URL ?? 'http://localhost:5000')
const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(server.hostname)
const config = await client.discovery(server, process.env.CLIENT_ID ?? 'portal', undefined,
  client.ClientSecretBasic(process.env.CLIENT_SECRET ?? 'portal-demo-secret'),
  // The demo speaks plain HTTP on this machine; a server in production has HTTPS.
  { execute: isLocal ? [client.allowInsecureRequests] : [] })

// Who is here, by a cookie. A real application keeps its sessions in a store of its own.
const sessions = new Map()
const port = Number(process.env.PORT ?? 5002)
let own

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
const page = (body) => `<!doctype html><html lang=en><meta charset=utf-8><title>Portal</title><h1>Portal</h1>${body}</html>`

const routes = {
  '/': (session) => page(session?.claims
    ? `<p>Signed in as <b id="who">${escape(session.claims.sub)}</b>.</p><p><a href="/me">What is known of me</a> · <a href="/sign-out">Sign out</a></p>`
    : '<p id="who">Nobody is signed in.</p><p><a href="/sign-in">Sign in</a></p>'),

  '/sign-in': async (session, request, response) => {
    const verifier = client.randomPKCECodeVerifier()
    const fresh = { verifier, state: client.randomState(), nonce: client.randomNonce() }
    const id = randomUUID()
    sessions.set(id, fresh)
    response.setHeader('Set-Cookie', `session=${id}; HttpOnly; SameSite=Lax; Path=/`)
    return client.buildAuthorizationUrl(config, {
      redirect_uri: `${own}/callback`,
      scope: 'openid profile email offline_access api',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: fresh.state,
      nonce: fresh.nonce,
    })
  },

  '/callback': async (session, request) => {
    if (!session) return page('<p id="refused">The sign-in was begun in another browser.</p>')
    try {
      const tokens = await client.authorizationCodeGrant(config, new URL(request.url, own),
        { pkceCodeVerifier: session.verifier, expectedState: session.state, expectedNonce: session.nonce, idTokenExpected: true })
      Object.assign(session, { tokens, claims: tokens.claims() })
      return new URL('/', own)
    } catch (error) {
      return page(`<p id="refused">The sign-in did not happen: ${escape(error.error ?? error.message)}.</p><p><a href="/sign-in">Try again</a></p>`)
    }
  },

  '/me': async (session) => {
    if (!session?.tokens) return new URL('/sign-in', own)
    // Renewed before each use here, to show how; a real application does it when the token is about to expire.
    session.tokens = { ...session.tokens, ...await client.refreshTokenGrant(config, session.tokens.refresh_token) }
    const known = await client.fetchUserInfo(config, session.tokens.access_token, session.claims.sub)
    return page(`<pre id="claims">${escape(JSON.stringify(known, null, 2))}</pre>`)
  },

  '/sign-out': async (session, request, response) => {
    response.setHeader('Set-Cookie', 'session=; Max-Age=0; Path=/')
    if (!session?.tokens) return new URL('/', own)
    // The session has offline_access and would outlive the sign-in.
    await client.tokenRevocation(config, session.tokens.refresh_token)
    return client.buildEndSessionUrl(config, { id_token_hint: session.tokens.id_token, post_logout_redirect_uri: `${own}/` })
  },
}

createServer(async (request, response) => {
  const route = routes[new URL(request.url, own).pathname]
  if (!route || request.method !== 'GET') {
    response.writeHead(404).end()
    return
  }
  try {
    const id = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
    const answer = await route(sessions.get(id), request, response)
    if (answer instanceof URL) response.writeHead(302, { Location: answer.href }).end()
    else response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(answer)
  } catch (error) {
    console.error(error)
    response.writeHead(502, { 'Content-Type': 'text/html; charset=utf-8' }).end(page('<p>The token server did not answer as expected.</p>'))
  }
}).listen(port, '127.0.0.1', function () {
  own = `http://127.0.0.1:${this.address().port}`
  console.log(`open ${own}`)
})

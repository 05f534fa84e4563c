// A public client: authorization code with PKCE, tokens renewed by rotating refresh tokens, sign-out at the token server too.
/* global oidc */
const settings = await (await fetch('/settings.json')).json()
const users = new oidc.UserManager({
  ...settings,
  redirect_uri: `${location.origin}/callback.html`,
  post_logout_redirect_uri: `${location.origin}/`,
  response_type: 'code',
  // Without offline_access the session ends with the sign-in; with it the tokens can be renewed.
  scope: 'openid profile offline_access api',
  // The name is not in the id token, but at the UserInfo endpoint.
  loadUserInfo: true,
  automaticSilentRenew: true,
  // Gone with the tab. Nothing is kept where another page of this site could read it later.
  userStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
})

const element = (id) => document.getElementById(id)
const say = (text) => { element('said').textContent = text }

async function show() {
  const user = await users.getUser()
  const isSignedIn = Boolean(user && !user.expired)
  element('who').textContent = isSignedIn ? `Signed in as ${user.profile.preferred_username}.` : 'Nobody is signed in.'
  element('sign-in').hidden = isSignedIn
  for (const id of ['call', 'renew', 'sign-out']) element(id).hidden = !isSignedIn
}

function act(id, does) {
  element(id).addEventListener('click', async () => {
    try {
      await does()
    } catch (error) {
      say(`It did not work: ${error.message}`)
    }
    await show()
  })
}

act('sign-in', () => users.signinRedirect())
act('call', async () => {
  const user = await users.getUser()
  const answer = await fetch(`${settings.authority}/connect/userinfo`, { headers: { Authorization: `Bearer ${user.access_token}` } })
  say(`The API answered ${answer.status}.`)
})
act('renew', async () => {
  const before = await users.getUser()
  const user = await users.signinSilent()
  say(user.refresh_token === before.refresh_token ? 'Nothing was renewed.' : 'The tokens are new.')
})
act('sign-out', async () => {
  const user = await users.getUser()
  // A session with offline_access outlives the sign-in, so it is ended by itself; then the sign-in.
  await users.revokeTokens(['refresh_token'])
  await users.signoutRedirect({ id_token_hint: user.id_token })
})

if (location.pathname === '/callback.html') {
  try {
    await users.signinRedirectCallback()
  } catch (error) {
    say(`The sign-in did not happen: ${error.message}`)
  }
  // The code leaves the address, and with it the history.
  history.replaceState(null, '', '/')
}
await show()

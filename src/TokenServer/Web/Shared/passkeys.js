// Passkeys (WebAuthn): what the browser's own dialog gives is put into the form on the page, and the form is sent.
(() => {
  'use strict';

  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
  const text = buffer => btoa(Array.from(new Uint8Array(buffer), b => String.fromCharCode(b)).join(''))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const listed = list => (list || []).map(one => ({ ...one, id: bytes(one.id) }));

  // By hand: parseRequestOptionsFromJSON and toJSON are younger than many browsers that have passkeys.
  const asked = json => {
    const options = JSON.parse(json);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    if (options.allowCredentials) options.allowCredentials = listed(options.allowCredentials);
    if (options.excludeCredentials) options.excludeCredentials = listed(options.excludeCredentials);
    return options;
  };

  const answer = credential => {
    const from = credential.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    if (from.attestationObject) {
      response.attestationObject = text(from.attestationObject);
      response.transports = from.getTransports ? from.getTransports() : [];
    } else {
      response.authenticatorData = text(from.authenticatorData);
      response.signature = text(from.signature);
      if (from.userHandle) response.userHandle = text(from.userHandle);
    }
    return JSON.stringify({
      id: text(credential.rawId), rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {}, response,
    });
  };

  const field = document.querySelector('[data-passkey]');
  const form = field.form;
  const button = form.querySelector('button');
  const said = form.querySelector('[role=alert]');
  const isNew = field.dataset.passkey === 'make';

  form.querySelector('[data-passkey-plain]').hidden = true;
  const instead = window.PublicKeyCredential ? location.origin === field.dataset.origin ? null : 'elsewhere' : 'none';
  if (instead) {
    form.querySelector(`[data-passkey-${instead}]`).hidden = false;
    return;
  }

  let asking = null;
  const ask = async mediation => {
    // One dialog at a time: the one in the field of the user name makes room for the button's.
    if (asking) asking.abort();
    asking = new AbortController();
    const options = { publicKey: asked(field.dataset.options), signal: asking.signal };
    if (mediation) options.mediation = mediation;
    field.value = answer(await (isNew ? navigator.credentials.create(options) : navigator.credentials.get(options)));
    form.submit();
  };

  const words = { NotAllowedError: 'refused', AbortError: 'refused', InvalidStateError: 'known' };
  button.hidden = false;
  form.addEventListener('submit', async event => {
    event.preventDefault();
    said.hidden = true;
    button.disabled = true;
    try {
      await ask();
    } catch (error) {
      button.disabled = false;
      said.textContent = said.dataset[words[error.name] || 'failed'];
      said.hidden = false;
    }
  });

  const offerInField = async () => {
    if (isNew || !document.querySelector('[autocomplete~=webauthn]')) return;
    const can = PublicKeyCredential.isConditionalMediationAvailable;
    // What goes wrong here was not asked for by anybody; the button is there.
    if (can && await can.call(PublicKeyCredential)) await ask('conditional').catch(() => {});
  };
  offerInField();
})();

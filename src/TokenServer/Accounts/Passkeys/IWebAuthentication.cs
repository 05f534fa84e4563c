namespace TokenServer.Accounts.Passkeys;

/// <summary>The two ceremonies of WebAuthn (Level 3, sections 7.1 and 7.2). A port: what a browser says is checked above the core, which
/// knows nothing of HTTP, and which decides what that is good for.</summary>
internal interface IWebAuthentication
{
    /// <summary>What a browser needs to make a passkey, JSON, and what the server has to keep until it has.</summary>
    Task<(string Options, string State)> AskToMakeAsync(RelyingParty party, PasskeyOwner owner, string name, string display);

    /// <summary>What a browser needs to show a passkey of <paramref name="owner"/>, or of anybody where that is null.</summary>
    Task<(string Options, string State)> AskToShowAsync(RelyingParty party, PasskeyOwner? owner);

    /// <summary>The passkey that was made; null where it was not made as asked.</summary>
    Task<MadePasskey?> TakeMadeAsync(ShownPasskey shown, PasskeyOwner owner, string state);

    /// <summary>The counter of the passkey that was shown, of the owner's; null where it was not shown as asked.</summary>
    Task<uint?> TakeShownAsync(ShownPasskey shown, PasskeyOwner owner, string state);
}

/// <summary>Whom a passkey is made for.</summary>
/// <param name="Id">The domain (RP ID).</param>
/// <param name="Origin">Scheme, host and port of the pages that ask for it.</param>
internal sealed record RelyingParty(string Id, string Origin);

/// <summary>Whose passkeys a ceremony is about.</summary>
/// <param name="Subject">The account, which is its user handle too.</param>
/// <param name="Passkeys">Its passkeys; while one is shown, that one.</param>
internal sealed record PasskeyOwner(string Subject, IReadOnlyList<Passkey> Passkeys);

/// <summary>A passkey as its authenticator has made it.</summary>
internal sealed record MadePasskey(byte[] CredentialId, byte[] PublicKey, uint SignCount, bool IsSynced, string[] Transports);

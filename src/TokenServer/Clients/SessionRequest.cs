namespace TokenServer.Clients;

/// <summary>Who asks for a session, and what it shall have.</summary>
/// <param name="Client">The client the session will be of.</param>
/// <param name="Scopes">The scopes it shall have, which the client may ask for.</param>
/// <param name="Refreshable">Whether a refresh token shall come with it.</param>
/// <param name="Caller">Whose request it is.</param>
internal sealed record SessionRequest(Client Client, ScopeSet Scopes, bool Refreshable, SignInCaller Caller)
{
    /// <summary>The grant type that a client must list to be asked for a second factor.</summary>
    public const string SecondFactorGrant = "urn:tokenserver:grant-type:two_factor";
}

/// <summary>Whose sign-in it is.</summary>
/// <param name="Address">The caller's address, for the audit trail.</param>
/// <param name="Face">The face's name for itself, for who counts.</param>
/// <param name="Browser">The browser in a few words, if it is one that is known.</param>
internal readonly record struct SignInCaller(string? Address, string Face, string? Browser = null)
{
    /// <summary>The key that the session's refresh tokens are to be bound to (RFC 9449 section 5); null for none.</summary>
    public string? KeyThumbprint { get; init; }
}

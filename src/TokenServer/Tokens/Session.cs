using TokenServer.Clients;

namespace TokenServer.Tokens;

/// <summary>A sign-in of an account at a client: the tokens given out for it carry its id as <c>sid</c>.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Role">The account's role now.</param>
/// <param name="Client">The client that got it.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="AuthTime">When the account signed in, UTC: before the session began, where it was begun from a browser's sign-in.</param>
/// <param name="Methods">How, in the words of RFC 8176 (<c>amr</c>).</param>
internal sealed record Session(long Id, int AccountId, string Role, Client Client, ScopeSet Scopes, DateTime AuthTime, string[] Methods)
{
    /// <summary>When it began, UTC; what its lifetime counts from.</summary>
    public DateTime StartedAt { get; init; } = AuthTime;

    /// <summary>The thumbprint of the key that its refresh tokens are bound to (RFC 9449 section 5); null where they are bound to
    /// none.</summary>
    public string? KeyThumbprint { get; init; }

    /// <summary>The account as <c>sub</c> names it.</summary>
    public string Subject { get; } = AccountId.ToString(CultureInfo.InvariantCulture);
}

using TokenServer.Clients;

namespace TokenServer.Tokens;

/// <summary>A sign-in of an account at a client: the tokens given out for it carry its id as <c>sid</c>.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Role">The account's role now.</param>
/// <param name="Client">The client that got it.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="AuthTime">When the account signed in, UTC.</param>
/// <param name="Methods">How, in the words of RFC 8176 (<c>amr</c>).</param>
internal sealed record Session(long Id, int AccountId, string Role, Client Client, ScopeSet Scopes, DateTime AuthTime, string[] Methods)
{
    /// <summary>The account as <c>sub</c> names it.</summary>
    public string Subject { get; } = AccountId.ToString(CultureInfo.InvariantCulture);
}

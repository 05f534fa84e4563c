using TokenServer.Clients;

namespace TokenServer.Accounts;

/// <summary>Who asks for a session, and what it shall have.</summary>
/// <param name="Client">The client the session will be of.</param>
/// <param name="Scopes">The scopes it shall have, which the client may ask for.</param>
/// <param name="Refreshable">Whether a refresh token shall come with it.</param>
/// <param name="Address">The caller's address, for the audit trail.</param>
internal sealed record SessionRequest(Client Client, ScopeSet Scopes, bool Refreshable, string? Address)
{
    /// <summary>The grant type that a client must list to be asked for a second factor.</summary>
    public const string SecondFactorGrant = "urn:tokenserver:grant-type:two_factor";
}

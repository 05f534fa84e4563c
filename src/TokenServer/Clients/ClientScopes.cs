namespace TokenServer.Clients;

/// <summary>What a client may ask for (contract section 1).</summary>
internal sealed class ClientScopes(ScopeRegistry scopes)
{
    /// <summary>Whether each of the scopes that <paramref name="named"/> lists exists and is the client's to ask for.</summary>
    public bool Allow(Client client, string? named)
    {
        foreach (string scope in ScopeSet.Parse(named))
        {
            if (!scopes.Exists(scope) || !client.Scopes.Contains(scope)) return false;
            // What is given out must be of use to whom it is given.
            if (scope == ScopeSet.OfflineAccess && !client.GrantTypes.Contains("refresh_token")) return false;
        }
        return true;
    }
}

using System.Collections.Frozen;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>Whom the tokens of a session or a client may be for. It errs on the side of too many: who is not told lets a dead token
/// pass.</summary>
internal sealed class FeedAudiences
{
    private readonly ScopeRegistry scopes;
    private readonly string? issuer;

    // What any token may have been exchanged for (RFC 8693), and what was listed until lately.
    private readonly HashSet<string> always = new(StringComparer.Ordinal);

    /// <param name="clients">The clients now.</param>
    /// <param name="scopes">The scopes now.</param>
    /// <param name="issuer">The issuer, whom a token is for whose scopes are for nobody; null where it is not known.</param>
    /// <param name="former">The lists of <c>FormerAudiences</c>.</param>
    public FeedAudiences(ClientRegistry clients, ScopeRegistry scopes, string? issuer, IEnumerable<string> former)
    {
        (this.scopes, this.issuer) = (scopes, issuer);
        foreach (var client in clients.All) always.UnionWith(client.ExchangeAudiences);
        foreach (string list in former) AddListed(always, list, areResources: true);
    }

    /// <summary>Of a session's tokens.</summary>
    public FrozenSet<string> OfSession(Client? client, string? scopesJson)
    {
        var found = Beginning();
        foreach (string scope in List(scopesJson)) found.UnionWith(scopes.ResourcesOf(scope));
        if (client is null or { IsInternal: true }) found.Add(FirstPartyClient.Audience);
        return found.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Of one token, and of those that it was exchanged for.</summary>
    public FrozenSet<string> OfToken(string json)
    {
        var found = Beginning();
        found.UnionWith(List(json));
        return found.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Of a client's tokens.</summary>
    public FrozenSet<string> OfClient(string? permissions)
    {
        var found = Beginning();
        AddListed(found, permissions, areResources: false);
        return found.ToFrozenSet(StringComparer.Ordinal);
    }

    private HashSet<string> Beginning()
    {
        var set = new HashSet<string>(always, StringComparer.Ordinal);
        if (issuer is not null) set.Add(issuer);
        return set;
    }

    private void AddListed(HashSet<string> set, string? json, bool areResources)
    {
        foreach (string listed in List(json))
        {
            if (listed.StartsWith(ClientColumns.Scope, StringComparison.Ordinal))
                set.UnionWith(scopes.ResourcesOf(listed[ClientColumns.Scope.Length..]));
            else if (listed.StartsWith(ClientColumns.Resource, StringComparison.Ordinal)) set.Add(listed[ClientColumns.Resource.Length..]);
            else if (areResources) set.Add(listed);
        }
    }

    // A row that another application wrote badly names nobody.
    private static ImmutableArray<string> List(string? json)
    {
        try
        {
            return StoredJson.ReadList(json);
        }
        catch (JsonException)
        {
            return [];
        }
    }
}

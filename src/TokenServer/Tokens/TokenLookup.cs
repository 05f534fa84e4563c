using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>Any string → what it is: the one place that says whether a token is good now.</summary>
internal sealed class TokenLookup(IEnumerable<ITokenKind> kinds, ChangeFeed changes)
{
    private readonly ITokenKind[] kinds = [.. kinds];

    /// <summary>The token, if it is good now; null otherwise.</summary>
    /// <exception cref="StorageUnavailableException">It is not known what was revoked meanwhile.</exception>
    public ValueTask<KnownToken?> FindAsync(string text)
    {
        // The request may have come long ago: its body may have taken minutes, or the process stood still.
        changes.EnsureFresh();
        foreach (var kind in kinds)
            if (kind.Recognizes(text)) return kind.FindAsync(text);
        return default;
    }

    /// <summary>An access token, signed or opaque, that is good now; null for every other kind.</summary>
    public async ValueTask<KnownToken?> FindAccessTokenAsync(string text) => await FindAsync(text) is { Use: TokenUse.Access } token ? token : null;
}

/// <summary>The values of <c>token_use</c> (contract section 1).</summary>
internal static class TokenUse
{
    public const string Access = "access", Refresh = "refresh", ApiKey = "api_key", Tunnel = "tunnel", Pin = "pin";
}

using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>Any string → what it is: the one place that says whether a token is good now.</summary>
internal sealed class TokenLookup(IEnumerable<ITokenKind> kinds, ChangeFeed changes)
{
    // What was read of a token is out of date when an answer took this long; what stands beside it may take a moment.
    private const long Longest = 900, Moment = 50;
    private readonly ITokenKind[] kinds = [.. kinds];

    /// <summary>The token, if it is good now; null otherwise.</summary>
    /// <exception cref="StorageUnavailableException">It is not known what was revoked meanwhile.</exception>
    public ValueTask<KnownToken?> FindAsync(string text) => FindAsync(text, isUse: true);

    /// <summary>The same, for somebody who only looks: it is no use of the token.</summary>
    /// <inheritdoc cref="FindAsync(string)"/>
    public ValueTask<KnownToken?> PeekAsync(string text) => FindAsync(text, isUse: false);

    private async ValueTask<KnownToken?> FindAsync(string text, bool isUse)
    {
        // The request may have come long ago: its body may have taken minutes, or the process stood still.
        changes.EnsureFresh();
        foreach (var kind in kinds)
        {
            if (!kind.Recognizes(text)) continue;
            long began = Environment.TickCount64;
            var token = await (isUse ? kind.FindAsync(text) : kind.PeekAsync(text));
            return Environment.TickCount64 - began < Longest ? token
                : throw new StorageUnavailableException("the database took so long over a token that it may have been revoked meanwhile");
        }
        return null;
    }

    /// <summary>The token, if it is good now, and what <paramref name="read"/> finds about it; where the database takes its time over that,
    /// it is decided anew afterwards.</summary>
    /// <inheritdoc cref="FindAsync(string)"/>
    public async ValueTask<(KnownToken? Token, T? About)> FindAsync<T>(string text, Func<KnownToken, T?> read) where T : class
    {
        if (await FindAsync(text) is not { } token) return default;
        long began = Environment.TickCount64;
        var about = read(token);
        return (Environment.TickCount64 - began < Moment ? token : await FindAsync(text), about);
    }
}

/// <summary>The values of <c>token_use</c> (contract section 1).</summary>
internal static class TokenUse
{
    public const string Access = "access", Refresh = "refresh", ApiKey = "api_key", Tunnel = "tunnel", Pin = "pin";
}

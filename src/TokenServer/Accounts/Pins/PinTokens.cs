using TokenServer.Accounts.ApiKeys;
using TokenServer.Audit;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Pins;

/// <summary>PIN tokens: 64 hex characters, good for their time and as long as the PIN is the one that they were given out for.</summary>
internal sealed class PinTokens(IKeptPinTokens kept, PinFile file, LifetimesOptions lifetimes, TimeOrderedId ids, TimeProvider clock)
    : IRevocableKind
{
    private static readonly string[] Audience = ["pin"];

    /// <summary>A new token, good while the file holds the hash that the PIN was found right by.</summary>
    public async Task<string> IssueAsync(string pinHash)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var token = ReferenceToken.Create(ids.Next());
        await kept.AddAsync(token, new PinToken(now, now + lifetimes.PinToken, Hash(pinHash)));
        return token.ToHex();
    }

    public bool Recognizes(string text) => ReferenceToken.ParseHex(text) is not null;

    public async ValueTask<KnownToken?> FindAsync(string text)
    {
        if (ReferenceToken.ParseHex(text) is not { } token || kept.Find(token) is not { } issued
            || issued.ExpiresAt <= clock.GetUtcNow() || StoredTime.IsAhead(issued.At.UtcDateTime, clock.GetUtcNow().UtcDateTime)
            || !await IsStillAsync(issued.Pin)) return null;
        return new KnownToken { Use = TokenUse.Pin, Id = token.Id, Subject = "pin", Audiences = Audience,
            IssuedAt = issued.At.ToUnixTimeSeconds(), ExpiresAt = issued.ExpiresAt.ToUnixTimeSeconds() };
    }

    public async Task<string?> RevokeAsync(string text, Actor actor)
    {
        if (await FindAsync(text) is not { } token) return null;
        var happened = new AuditEvent("token.revoked", clock.GetUtcNow().UtcDateTime, actor)
            { Target = TimeOrderedId.ToText(token.Id!.Value), Detail = token.Use };
        return await kept.EndAsync(ReferenceToken.ParseHex(text)!, happened) ? token.Use : null;
    }

    // Who changes the PIN means to shut out who knew the old one.
    private async ValueTask<bool> IsStillAsync(string pin)
    {
        try
        {
            return Hash(await file.ReadAsync()) == pin;
        }
        catch (PinFileException)
        {
            return false;
        }
    }

    private static string Hash(string pinHash) => UserApiKeys.Hash(pinHash);
}

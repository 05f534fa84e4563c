using System.Collections.Concurrent;
using System.Security.Cryptography;
using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Pins;

/// <summary>PIN tokens: 64 hex characters, kept in memory only (as SHA-256), gone with the process.</summary>
internal sealed class PinTokens(PinFile file, Database database, LifetimesOptions lifetimes, TimeOrderedId ids, TimeProvider clock) : IRevocableKind
{
    private const int Length = 64, MostTokens = 100_000;
    private static readonly string[] Audience = ["pin"];
    private readonly ConcurrentDictionary<string, Issued> issued = new(StringComparer.Ordinal);

    /// <summary>A new token, good while the file holds the hash that the PIN was found right by.</summary>
    public string Issue(string pinHash)
    {
        DateTimeOffset now = clock.GetUtcNow();
        foreach (var (key, old) in issued)
            if (old.ExpiresAt <= now || issued.Count >= MostTokens) issued.TryRemove(key, out _);
        string token = RandomNumberGenerator.GetHexString(Length, lowercase: true);
        issued[Hash(token)] = new(ids.Next(), now, now + lifetimes.PinToken, pinHash);
        return token;
    }

    public bool Recognizes(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower);

    public async ValueTask<KnownToken?> FindAsync(string text)
    {
        if (!issued.TryGetValue(Hash(text), out var token) || token.ExpiresAt <= clock.GetUtcNow() || !await IsStillAsync(token.PinHash)) return null;
        return new KnownToken { Use = TokenUse.Pin, Id = token.Id, Subject = "pin", Audiences = Audience, IssuedAt = token.At.ToUnixTimeSeconds(), ExpiresAt = token.ExpiresAt.ToUnixTimeSeconds() };
    }

    /// <summary>It is gone from memory; nothing of it was ever stored.</summary>
    public async Task<string?> RevokeAsync(string text, Actor actor)
    {
        if (await FindAsync(text) is not { } token || !issued.TryRemove(Hash(text), out _)) return null;
        await database.WriteAsync(s => AuditTrail.Append(s, new AuditEvent("token.revoked", clock.GetUtcNow().UtcDateTime) { Actor = actor.Name, Address = actor.Address, Target = TimeOrderedId.ToText(token.Id!.Value), Detail = token.Use }));
        return token.Use;
    }

    // Who changes the PIN means to shut out who knew the old one.
    private async ValueTask<bool> IsStillAsync(string pinHash)
    {
        try
        {
            return await file.ReadAsync() == pinHash;
        }
        catch (PinFileException)
        {
            return false;
        }
    }

    private static string Hash(string token) => ApiKeys.UserApiKeys.Hash(token);

    private sealed record Issued(long Id, DateTimeOffset At, DateTimeOffset ExpiresAt, string PinHash);
}

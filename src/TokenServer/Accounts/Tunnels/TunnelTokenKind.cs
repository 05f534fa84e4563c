using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Tunnels;

/// <summary>Tunnel tokens: for the relay, which introspects them; good until they are regenerated,
/// while their account is not disabled.</summary>
internal sealed class TunnelTokenKind(Database database, LastUse lastUse, TimeProvider clock) : IRevocableKind
{
    private static readonly string[] Audience = ["tunnel"];
    private const string SelectSql = """
        SELECT t."Id", t."AccountId", t."TokenHash", t."TokenCreatedAt", t."LastUsedAt", u."UserName"
        FROM "Tunnels" t JOIN "AspNetUsers" u ON u."Id" = t."AccountId" WHERE t."TokenId"=@p0 AND u."DisabledAt" IS NULL
        """;

    public bool Recognizes(string text) => text.StartsWith(ReferenceToken.Tunnel, StringComparison.Ordinal);

    public async ValueTask<KnownToken?> FindAsync(string text)
    {
        if (Find(text) is not var (token, found)) return null;
        await lastUse.RecordAsync("Tunnels", found.Id, found.LastUsedAt);
        return Known(token, found);
    }

    public ValueTask<KnownToken?> PeekAsync(string text) => new(Find(text) is var (token, found) ? Known(token, found) : null);

    private (ReferenceToken Token, Stored Found)? Find(string text)
    {
        if (ReferenceToken.Parse(ReferenceToken.Tunnel, text) is not { } token) return null;
        var found = database.Read(s => s.First(SelectSql,
            r => new Stored(r.GetInt32(0), r.GetInt32(1), r.GetString(2), Row.Time(r, 3), Row.TimeOrNull(r, 4), r.GetString(5)), token.Id));
        return found is not null && token.Matches(found.Hash) ? (token, found) : null;
    }

    private static KnownToken Known(ReferenceToken token, Stored found) => new()
    {
        Use = TokenUse.Tunnel, Id = token.Id, Subject = found.AccountId.ToString(), Audiences = Audience,
        IssuedAt = new DateTimeOffset(found.CreatedAt).ToUnixTimeSeconds(), UserName = found.UserName,
    };

    /// <summary>The tunnel stays; its owner may give it a new token.</summary>
    public Task<string?> RevokeAsync(string text, Actor actor) => database.WriteAsync(s =>
    {
        if (ReferenceToken.Parse(ReferenceToken.Tunnel, text) is not { } token) return null;
        if (s.First("""SELECT "Id", "TokenHash" FROM "Tunnels" WHERE "TokenId"=@p0""",
            r => Tuple.Create(r.GetInt32(0), r.GetString(1)), token.Id) is not { } tunnel || !token.Matches(tunnel.Item2)) return null;
        // No secret has this hash.
        s.Execute("""UPDATE "Tunnels" SET "TokenHash"='' WHERE "TokenId"=@p0""", token.Id);
        AuditTrail.Append(s, new AuditEvent("tunnel.token_revoked", clock.GetUtcNow().UtcDateTime, actor)
            { Target = tunnel.Item1.ToString() });
        return (string?)TokenUse.Tunnel;
    });

    private sealed record Stored(int Id, int AccountId, string Hash, DateTime CreatedAt, DateTime? LastUsedAt, string UserName);
}

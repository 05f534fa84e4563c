using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.ApiKeys;

/// <summary>API keys: they stand for their account on a few routes; good until they are deleted or end, while their account is not
/// disabled.</summary>
internal sealed class ApiKeyKind(Database database, LastUse lastUse, TimeProvider clock) : IRevocableKind
{
    private static readonly string[] Audience = ["api"];
    private const string SelectSql = """
        SELECT k."Id", k."AccountId", k."CreatedAt", k."LastUsedAt", u."UserName", u."Role", k."Scope", k."ExpiresAt",
        k."LastAddress"
        FROM "ApiKeys" k JOIN "AspNetUsers" u ON u."Id" = k."AccountId" WHERE k."Hash"=@p0 AND u."DisabledAt" IS NULL
        """;

    public bool Recognizes(string text) => text.StartsWith(UserApiKeys.Prefix, StringComparison.Ordinal);

    public async ValueTask<KnownToken?> FindAsync(string text)
    {
        if (Find(text) is not { } found) return null;
        await lastUse.RecordAsync("ApiKeys", found.Id, found.LastUsedAt);
        return Known(found);
    }

    public ValueTask<KnownToken?> PeekAsync(string text) => new(Find(text) is { } found ? Known(found) : null);

    private Stored? Find(string text)
    {
        if (text.Length != UserApiKeys.Prefix.Length + UserApiKeys.Length) return null;
        // The row is found by the hash of 143 random bits; how long that takes tells nothing of any key.
        var found = database.Read(s => s.First(SelectSql, r => new Stored(r.GetInt64(0), r.GetInt32(1), Row.Time(r, 2),
            Row.TimeOrNull(r, 3), r.GetString(4), r.GetString(5), Row.TextOrNull(r, 6), Row.TimeOrNull(r, 7),
            Row.TextOrNull(r, 8)), UserApiKeys.Hash(text)));
        return found?.ExpiresAt <= clock.GetUtcNow().UtcDateTime ? null : found;
    }

    private static KnownToken Known(Stored found) => new()
    {
        // A resource server that takes the audience takes the key for everything, and so gets to know of no key that is for less.
        Use = TokenUse.ApiKey, Id = found.Id, Subject = found.AccountId.ToString(),
        Audiences = found.Scope is null || ScopeSet.Parse(found.Scope).Contains(ApiKeyScopes.Api) ? Audience : [],
        Scope = found.Scope, IssuedAt = new DateTimeOffset(found.CreatedAt).ToUnixTimeSeconds(), UserName = found.UserName,
        ExpiresAt = found.ExpiresAt is { } end ? new DateTimeOffset(end).ToUnixTimeSeconds() : null, Role = found.Role,
        LastAddress = found.LastAddress,
    };

    public Task<string?> RevokeAsync(string text, Actor actor) => database.WriteAsync(s =>
    {
        string? id = s.First("""SELECT "Id" FROM "ApiKeys" WHERE "Hash"=@p0""",
            r => UserApiKeys.IdPrefix + TimeOrderedId.ToText(r.GetInt64(0)), UserApiKeys.Hash(text));
        if (s.Execute("""DELETE FROM "ApiKeys" WHERE "Hash"=@p0""", UserApiKeys.Hash(text)) != 1) return null;
        AuditTrail.Append(s, new AuditEvent("api_key.deleted", clock.GetUtcNow().UtcDateTime, actor) { Target = id });
        return (string?)TokenUse.ApiKey;
    });

    private sealed record Stored(long Id, int AccountId, DateTime CreatedAt, DateTime? LastUsedAt, string UserName, string Role,
        string? Scope, DateTime? ExpiresAt, string? LastAddress);
}

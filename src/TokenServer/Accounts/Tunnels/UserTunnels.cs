using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Tunnels;

/// <summary>The tunnels of accounts: each has a token that lives until it is regenerated. Another account's tunnel is as one that is not there.</summary>
internal sealed class UserTunnels(Database database, TimeOrderedId ids, TimeProvider clock)
{
    public const int LongestName = 64;
    private const string ListSql = """SELECT "Id", "Name", "TokenHint", "CreatedAt", "LastUsedAt" FROM "Tunnels" WHERE "AccountId"=@p0 ORDER BY "Id" """;
    private const string InsertSql = """
        INSERT INTO "Tunnels" ("AccountId", "Name", "NormalizedName", "TokenId", "TokenHash", "TokenHint", "CreatedAt", "TokenCreatedAt")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p6) ON CONFLICT DO NOTHING
        """;
    private const string RegenerateSql = """
        UPDATE "Tunnels" SET "TokenId"=@p2, "TokenHash"=@p3, "TokenHint"=@p4, "TokenCreatedAt"=@p5, "LastUsedAt"=NULL WHERE "Id"=@p0 AND "AccountId"=@p1
        """;

    public IReadOnlyList<Tunnel> Of(int accountId) => database.Read(s => Of(s, accountId));

    /// <summary>Adds a tunnel; null where the account has one of that name, whatever its case.</summary>
    public Task<TunnelWithToken?> AddAsync(int accountId, string name) => database.WriteAsync(s =>
    {
        var token = ReferenceToken.Create(ids.Next());
        string text = token.ToText(ReferenceToken.Tunnel);
        if (s.Execute(InsertSql, accountId, name, UserAccounts.Normalize(name), token.Id, token.Hash, Hint(text), Now) != 1) return null;
        var tunnel = Of(s, accountId).Last();
        Append(s, "tunnel.added", accountId, tunnel.Id);
        return new TunnelWithToken(tunnel, text);
    });

    /// <summary>Gives a tunnel a new token; the old one is dead. Null where the account has no such tunnel.</summary>
    public Task<TunnelWithToken?> RegenerateAsync(int accountId, int tunnelId) => database.WriteAsync(s =>
    {
        var token = ReferenceToken.Create(ids.Next());
        string text = token.ToText(ReferenceToken.Tunnel);
        if (s.Execute(RegenerateSql, tunnelId, accountId, token.Id, token.Hash, Hint(text), Now) != 1) return null;
        Append(s, "tunnel.regenerated", accountId, tunnelId);
        return new TunnelWithToken(Of(s, accountId).Single(t => t.Id == tunnelId), text);
    });

    /// <summary>Deletes a tunnel, and its token with it; false where the account has no such tunnel.</summary>
    public Task<bool> DeleteAsync(int accountId, int tunnelId) => database.WriteAsync(s =>
    {
        if (s.Execute("""DELETE FROM "Tunnels" WHERE "Id"=@p0 AND "AccountId"=@p1""", tunnelId, accountId) != 1) return false;
        Append(s, "tunnel.deleted", accountId, tunnelId);
        return true;
    });

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    // Enough to tell tokens apart, too little to help a guess.
    private static string Hint(string token) => $"{ReferenceToken.Tunnel}...{token[^4..]}";

    private static List<Tunnel> Of(Statements s, int accountId) =>
        s.All(ListSql, r => new Tunnel(r.GetInt32(0), r.GetString(1), r.GetString(2), Row.Time(r, 3), Row.TimeOrNull(r, 4)), accountId);

    private void Append(Statements s, string happened, int accountId, int tunnelId) =>
        AuditTrail.Append(s, new AuditEvent(happened, Now) { Actor = accountId.ToString(), Target = tunnelId.ToString() });
}

/// <summary>A tunnel as its account sees it.</summary>
internal sealed record Tunnel(int Id, string Name, string TokenHint, DateTime CreatedAt, DateTime? LastUsedAt);

/// <summary>A tunnel and its token, which is shown this once.</summary>
internal sealed record TunnelWithToken(Tunnel Tunnel, string Token);

using TokenServer.Audit;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Tunnels;

/// <summary>The tunnels of accounts: each has a token that lives until it is regenerated.
/// Another account's tunnel is as one that is not there.</summary>
internal sealed class UserTunnels(Database database, TimeOrderedId ids, TimeProvider clock)
{
    public const int LongestName = 64, MostTunnels = 100;
    private const string SelectSql = """SELECT "Id", "Name", "TokenHint", "CreatedAt", "LastUsedAt", "TokenHash"<>'' FROM "Tunnels" """,
        ListSql = $"""{SelectSql} WHERE "AccountId"=@p0 ORDER BY "Id" """, ByTokenSql = $"""{SelectSql} WHERE "TokenId"=@p0""";
    private const string InsertSql = """
        INSERT INTO "Tunnels" ("AccountId", "Name", "NormalizedName", "TokenId", "TokenHash", "TokenHint", "CreatedAt", "TokenCreatedAt")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p6) ON CONFLICT DO NOTHING
        """;
    private const string RegenerateSql = """
        UPDATE "Tunnels" SET "TokenId"=@p2, "TokenHash"=@p3, "TokenHint"=@p4, "TokenCreatedAt"=@p5, "LastUsedAt"=NULL
        WHERE "Id"=@p0 AND "AccountId"=@p1
        """;

    public IReadOnlyList<Tunnel> Of(int accountId) => database.Read(s => s.All(ListSql, Read, accountId));

    /// <summary>Adds a tunnel, unless the account has one of that name, whatever its case.</summary>
    public Task<Owned<TunnelWithToken>> AddAsync(Owner owner, string given) => database.WriteAsync<Owned<TunnelWithToken>>(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        if (GivenName.Of(given) is not { } name) return NotOwned.BadName;
        var token = ReferenceToken.Create(ids.Next());
        string text = token.ToText(ReferenceToken.Tunnel);
        if (s.All("""SELECT 1 FROM "Tunnels" WHERE "AccountId"=@p0""", _ => 1, owner.AccountId).Count >= MostTunnels)
            return NotOwned.TooMany;
        if (s.Execute(InsertSql, owner.AccountId, name, Key(name), token.Id, token.Hash, Hint(text), Now) != 1)
            return NotOwned.NameTaken;
        return Shown(s, "tunnel.added", owner, token, text);
    });

    /// <summary>Gives a tunnel a new token; the old one is dead.</summary>
    public Task<Owned<TunnelWithToken>> RegenerateAsync(Owner owner, int tunnelId) => database.WriteAsync<Owned<TunnelWithToken>>(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        var token = ReferenceToken.Create(ids.Next());
        string text = token.ToText(ReferenceToken.Tunnel);
        if (s.Execute(RegenerateSql, tunnelId, owner.AccountId, token.Id, token.Hash, Hint(text), Now) != 1) return NotOwned.NotThere;
        return Shown(s, "tunnel.regenerated", owner, token, text);
    });

    /// <summary>Deletes a tunnel, and its token with it. The answer is its id.</summary>
    public Task<Owned<string>> DeleteAsync(Owner owner, int tunnelId) => database.WriteAsync<Owned<string>>(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        if (s.Execute("""DELETE FROM "Tunnels" WHERE "Id"=@p0 AND "AccountId"=@p1""", tunnelId, owner.AccountId) != 1)
            return NotOwned.NotThere;
        Append(s, "tunnel.deleted", owner, tunnelId);
        return tunnelId.ToString();
    });

    /// <summary>An administrator revokes the token of an account's tunnel, which stays: its owner may give it a new one. False where the
    /// account has no such tunnel, its token was revoked before, or it is above the <see cref="Rank"/> of who does it.</summary>
    public Task<bool> RevokeAsync(int accountId, int tunnelId, Actor actor) => database.WriteAsync(s =>
    {
        if (UserAccounts.Find(s, accountId) is not { } account || !Rank.MayTouch(actor, account.Role)
            || s.Execute("""UPDATE "Tunnels" SET "TokenHash"='' WHERE "Id"=@p0 AND "AccountId"=@p1 AND "TokenHash"<>''""",
                tunnelId, accountId) != 1) return false;
        AuditTrail.Append(s, new AuditEvent("tunnel.token_revoked", Now, actor)
            { Target = tunnelId.ToString(CultureInfo.InvariantCulture), Detail = $"of {account.Subject}" });
        return true;
    });

    private TunnelWithToken Shown(Statements s, string happened, Owner owner, ReferenceToken token, string text)
    {
        var tunnel = s.First(ByTokenSql, Read, token.Id)!;
        Append(s, happened, owner, tunnel.Id);
        return new TunnelWithToken(tunnel, text);
    }

    // What is the same to the eye, whatever its case, is one name.
    private static string Key(string name) => Normalization.ToFormC(name).ToUpperInvariant();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    // Enough to tell tokens apart, too little to help a guess.
    private static string Hint(string token) => $"{ReferenceToken.Tunnel}...{token[^4..]}";

    private static Tunnel Read(System.Data.Common.DbDataReader r) =>
        new(r.GetInt32(0), r.GetString(1), r.GetString(2), Row.Time(r, 3), Row.TimeOrNull(r, 4)) { HasToken = r.GetBoolean(5) };

    private void Append(Statements s, string happened, Owner owner, int tunnelId) =>
        AuditTrail.Append(s, new AuditEvent(happened, Now, owner.Actor) { Target = tunnelId.ToString() });
}

/// <summary>A tunnel as its account sees it.</summary>
internal sealed record Tunnel(int Id, string Name, string TokenHint, DateTime CreatedAt, DateTime? LastUsedAt)
{
    /// <summary>Whether it has a token: not after an administrator has revoked that.</summary>
    public bool HasToken { get; init; }
}

/// <summary>A tunnel and its token, which is shown this once.</summary>
internal sealed record TunnelWithToken(Tunnel Tunnel, string Token);

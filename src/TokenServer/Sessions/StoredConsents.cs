using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>The rows of what accounts have allowed clients (contract section 9): one for each account and client.</summary>
internal static class StoredConsents
{
    private const string FindSql = """SELECT "Scopes", "GrantedAt" FROM "Consents" WHERE "AccountId"=@p0 AND "ApplicationId"=@p1""";
    private const string SaveSql = """
        INSERT INTO "Consents" ("AccountId", "ApplicationId", "Scopes", "GrantedAt") VALUES (@p0, @p1, @p2, @p3)
        ON CONFLICT ("AccountId", "ApplicationId") DO UPDATE SET "Scopes"=@p2, "GrantedAt"=@p3
        """;

    /// <summary>What the account has allowed the client; null where it has not.</summary>
    public static Consent? Find(Statements s, int accountId, long applicationId) => s.First(FindSql, Read, accountId, applicationId);

    /// <summary>Remembers in the caller's transaction that the account allows these scopes, beside those it has allowed before.</summary>
    public static void Widen(Statements s, int accountId, long applicationId, ScopeSet scopes, DateTime now)
    {
        var all = ScopeSet.Of([.. Find(s, accountId, applicationId)?.Scopes ?? ScopeSet.Empty, .. scopes]);
        s.Execute(SaveSql, accountId, applicationId, ClientColumns.Write(all), now);
    }

    /// <summary>Reads a row that begins with the scopes and the time.</summary>
    public static Consent Read(DbDataReader r) => new(ScopeSet.Of(ClientColumns.ReadList(r.GetString(0))), Row.Time(r, 1));
}

/// <summary>What an account has allowed a client.</summary>
/// <param name="Scopes">The scopes.</param>
/// <param name="GrantedAt">When it last did, UTC.</param>
internal sealed record Consent(ScopeSet Scopes, DateTime GrantedAt)
{
    /// <summary>The client, where the consents of an account are listed.</summary>
    public Client? Client { get; init; }
}

using System.Data.Common;
using TokenServer.Storage;

namespace TokenServer.Sessions;

/// <summary>What a revocation ends: counted before it is done, for whoever is about to do it.</summary>
internal sealed record BlastRadius(long Sessions = 0, long RefreshTokens = 0, long ApiKeys = 0, long Tunnels = 0, long Servers = 0);

/// <summary>Counts what hangs on a client, an account or a session.</summary>
internal sealed class BlastRadii(Database database, TimeProvider clock)
{
    // An open session that may be refreshed has one refresh token that was not used yet; it dies first by its age.
    private const string Open = """
        SELECT count(*), count(CASE WHEN a."Type"='permanent' THEN 1 END) FROM "OpenIddictAuthorizations" a
        WHERE a."Status"='valid' AND (a."Type"='permanent' OR a."CreationDate">@p1) AND 
        """;

    /// <summary>What revoking client <paramref name="clientRow"/> ends.</summary>
    public BlastRadius OfClient(long clientRow) => database.Read(s => s.First($"""{Open} a."ApplicationId"=@p0""", Sessions, clientRow, Outlived))!;

    /// <summary>What disabling or deleting account <paramref name="accountId"/> ends.</summary>
    public BlastRadius OfAccount(int accountId) => database.Read(s => s.First($"""{Open} a."Subject"=@p0""", Sessions, accountId.ToString(), Outlived))! with
    {
        ApiKeys = Count("ApiKeys", accountId), Tunnels = Count("Tunnels", accountId),
    };

    /// <summary>What ending session <paramref name="sessionId"/> ends; nothing where it has ended.</summary>
    public BlastRadius OfSession(long sessionId) => database.Read(s => s.First($"""{Open} a."Id"=@p0""", Sessions, sessionId, Outlived))!;

    // No access token of an older session without refresh tokens can be alive.
    private DateTime Outlived => clock.GetUtcNow().UtcDateTime - Tokens.AccessTokens.MaxLifetime;

    private long Count(string table, int accountId) =>
        database.Read(s => s.First($"""SELECT count(*) FROM "{table}" WHERE "AccountId"=@p0""", r => (object)r.GetInt64(0), accountId)) is long count ? count : 0;

    private static BlastRadius Sessions(DbDataReader r) => new(r.GetInt64(0), r.GetInt64(1));
}

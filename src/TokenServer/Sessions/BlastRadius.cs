using TokenServer.Foundation;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Sessions;

/// <summary>What a revocation ends: counted before it is done, for whoever is about to do it.</summary>
internal sealed record BlastRadius(long Sessions = 0, long RefreshTokens = 0, long ApiKeys = 0, long Tunnels = 0, long Servers = 0);

/// <summary>Counts what hangs on a client, an account or a session.</summary>
internal sealed class BlastRadii(Database database, ClientRegistry clients, TimeProvider clock)
{
    // An open session that may be refreshed has one refresh token that was not used yet; it dies first by its age.
    // The status is joined to nothing, so that a planner takes another index than that of all open sessions.
    private const string Open = """
        FROM "OpenIddictAuthorizations" a WHERE a."Status" || ''='valid' AND (a."Type"='permanent' OR a."CreationDate">@p1) AND 
        """;

    /// <summary>What revoking or deleting <paramref name="client"/> ends.</summary>
    public BlastRadius OfClient(Client client) => client.IsRevoked ? new() : database.Read(s =>
        s.First($"""SELECT count(*), count(CASE WHEN a."Type"='permanent' THEN 1 END) {Open} a."ApplicationId"=@p0 AND a."Id">@p2""",
        r => new BlastRadius(r.GetInt64(0), r.GetInt64(1)), client.Id, Outlived, client.ValidAfter))!;

    /// <summary>What disabling or deleting account <paramref name="accountId"/> ends.</summary>
    public BlastRadius OfAccount(int accountId) => Sessions("Subject", accountId.ToString(CultureInfo.InvariantCulture)) with
        { ApiKeys = Count("ApiKeys", accountId), Tunnels = Count("Tunnels", accountId) };

    /// <summary>What ending session <paramref name="sessionId"/> ends, with what was begun from it where it is a browser's sign-in;
    /// nothing where it has ended.</summary>
    public BlastRadius OfSession(long sessionId)
    {
        if (Sessions("Id", sessionId) is not { Sessions: > 0 } own) return new();
        // Those that may be refreshed, one by one, go on.
        var begun = Sessions("SignInId", sessionId);
        return own with { Sessions = own.Sessions + begun.Sessions - begun.RefreshTokens };
    }

    // No access token of an older session without refresh tokens can be alive.
    private DateTime Outlived => clock.GetUtcNow().UtcDateTime - LifetimesOptions.LongestAccessToken;

    // What a client was revoked with is dead already.
    private BlastRadius Sessions(string column, object value)
    {
        var open = database.Read(s => s.All($"""SELECT a."Id", a."ApplicationId", a."Type" {Open} a."{column}"=@p0""",
            r => (Id: r.GetInt64(0), Client: r.GetInt64(1), Type: r.GetString(2)), value, Outlived))
            .Where(a => clients.FindRow(a.Client)?.Vouches(a.Id) == true).ToList();
        return new(open.Count, open.Count(a => a.Type == UserSessions.Permanent));
    }

    private long Count(string table, int accountId) =>
        database.Read(s => s.First($"""SELECT count(*) FROM "{table}" WHERE "AccountId"=@p0""",
            r => (object)r.GetInt64(0), accountId)) is long count ? count : 0;
}

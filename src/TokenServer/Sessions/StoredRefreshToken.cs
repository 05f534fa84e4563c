using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>A refresh token's row with the session it belongs to.</summary>
internal sealed record StoredRefreshToken(Session Session, string SessionStatus, DateTime SessionCreatedAt, string UserName)
{
    public required string Status { get; init; }
    public required string? Hash { get; init; }
    public required string? Properties { get; init; }
    public required DateTime CreatedAt { get; init; }
    public required DateTime ExpiresAt { get; init; }
    public required DateTime? RedeemedAt { get; init; }

    /// <summary>Whether the session goes on and the token's time is not over; it may have been used.</summary>
    public bool IsAlive(DateTime now) => SessionStatus == "valid" && ExpiresAt > now && Session.Client.Vouches(Session.Id);

    // Null where the client is not registered any more.
    public static StoredRefreshToken? Read(DbDataReader r, ClientRegistry clients)
    {
        if (clients.FindRow(r.GetInt64(0)) is not { } client) return null;
        string role = r.GetString(12);
        var scopes = ScopeSet.Of(ClientColumns.ReadList(Row.TextOrNull(r, 9))).Intersect(client.Scopes);
        if (!AdminRoles.Administers(role)) scopes = scopes.Without(ScopeSet.Admin);
        var (started, properties) = (Row.Time(r, 7), SessionProperties.Of(Row.TextOrNull(r, 8)));
        var session = new Session(r.GetInt64(6), r.GetInt32(11), role, client, scopes, properties.AuthTime ?? started, properties.Methods)
            { StartedAt = started, KeyThumbprint = properties.KeyThumbprint };
        return new(session, r.GetString(10), started, r.GetString(13))
        {
            Status = r.GetString(5), Hash = Row.TextOrNull(r, 2), Properties = Row.TextOrNull(r, 3), CreatedAt = Row.Time(r, 14),
            ExpiresAt = Row.Time(r, 1), RedeemedAt = Row.TimeOrNull(r, 4),
        };
    }
}

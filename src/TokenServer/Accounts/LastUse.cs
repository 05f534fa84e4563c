using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>Notes when a key or a tunnel token was last used, to the minute: a token used a thousand times a second is written once a minute.</summary>
internal static class LastUse
{
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    /// <summary>Stores that row <paramref name="id"/> of <paramref name="table"/> is used now, unless <paramref name="last"/> is recent.</summary>
    public static Task RecordAsync(Database database, TimeProvider clock, string table, long id, DateTime? last)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return last > now - Precision ? Task.CompletedTask : database.WriteAsync(s => s.Execute($"""UPDATE "{table}" SET "LastUsedAt"=@p1 WHERE "Id"=@p0""", id, now));
    }
}

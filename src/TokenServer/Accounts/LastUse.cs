using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>Notes when a key or a tunnel token was last used, to the minute:
/// a token used a thousand times a second is written once a minute.</summary>
internal sealed partial class LastUse(Database database, TimeProvider clock, ILogger<LastUse> logger)
{
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    /// <summary>Stores that row <paramref name="id"/> of <paramref name="table"/> is used now,
    /// unless <paramref name="last"/> is recent.</summary>
    public async Task RecordAsync(string table, long id, DateTime? last)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (last > now - Precision && last <= now + StoredTime.Skew) return;
        try
        {
            await database.WriteBesideAsync(s => s.Execute($"""UPDATE "{table}" SET "LastUsedAt"=@p1 WHERE "Id"=@p0""", id, now));
        }
        catch (StorageUnavailableException e)
        {
            // That the token is good does not hang on this.
            Log.NotRecorded(logger, e, table);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of a row of {Table} could not be stored")]
        public static partial void NotRecorded(ILogger logger, Exception exception, string table);
    }
}

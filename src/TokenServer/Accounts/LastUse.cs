using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>Notes when a key or a tunnel token was last used, to the minute:
/// a token used a thousand times a second is written once a minute.</summary>
internal sealed partial class LastUse(Database database, TimeProvider clock, ILogger<LastUse> logger)
{
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    /// <summary>Stores that row <paramref name="id"/> of <paramref name="table"/> is used now,
    /// unless <paramref name="last"/> is recent.</summary>
    public Task RecordAsync(string table, long id, DateTime? last) => IsRecent(last) ? Task.CompletedTask
        : StoreAsync(table, $"""UPDATE "{table}" SET "LastUsedAt"=@p1 WHERE "Id"=@p0""", id, clock.GetUtcNow().UtcDateTime);

    /// <summary>Stores from where row <paramref name="id"/> of <paramref name="table"/> is used, unless that is the
    /// <paramref name="last"/> place: also at once after a use that had none, by a resource server.</summary>
    public Task RecordAddressAsync(string table, long id, string? last, string? address) => last == address ? Task.CompletedTask
        : StoreAsync(table, $"""UPDATE "{table}" SET "LastAddress"=@p1 WHERE "Id"=@p0""", id, address);

    private bool IsRecent(DateTime? last) =>
        clock.GetUtcNow().UtcDateTime is var now && last > now - Precision && last <= now + StoredTime.Skew;

    private async Task StoreAsync(string table, string sql, long id, object? value)
    {
        try
        {
            await database.WriteBesideAsync(s => s.Execute(sql, id, value));
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

using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Keeps the chain: seals its end from time to time, and deletes what is older than the retention time.</summary>
internal sealed partial class AuditKeeping(Database database, AuditSeal seal,
    AuditVerification verification, AuditOptions options, TimeProvider clock, ILogger<AuditKeeping> logger)
{
    private const int Batch = 200;

    /// <summary>Seals the chain's end, if it is whole since the last seal; else the old seal stays,
    /// which shows what happened. False then.</summary>
    public async Task<bool> SealAsync()
    {
        using var alone = seal.TryLock();
        return alone is not null && await SealAloneAsync();
    }

    private async Task<bool> SealAloneAsync()
    {
        // First the end, then what leads to it: what is appended meanwhile is not sealed.
        var head = database.Read(ChainHead.Read);
        if (verification.VerifySinceSeal().Problem is { } problem)
        {
            Log.Broken(logger, problem);
            return false;
        }
        await seal.WriteAsync(new Sealed(head.OriginId, head.OriginId, head.LastId, head.LastHash));
        if (!head.IsSealed) await database.WriteAsync(s => s.Execute("""UPDATE "AuditHeads" SET "IsSealed"=@p0""", true));
        return true;
    }

    /// <summary>Deletes the oldest entries that are out of their time, and notes what the first one kept follows.
    /// The number deleted.</summary>
    public async Task<int> PruneAsync(CancellationToken ct)
    {
        DateTime cutoff = clock.GetUtcNow().UtcDateTime - options.Retention;
        int total = 0, deleted;
        using var alone = seal.TryLock();
        if (alone is null) return 0;
        do
        {
            ct.ThrowIfCancellationRequested();
            // From the beginning on and no further than the first that is to stay: a clock that once went back must not make a gap.
            var first = database.Read(
                s => s.All($"""SELECT {AuditEntry.Columns} FROM "Audit" ORDER BY "Id" LIMIT @p0""", AuditEntry.Read, Batch));
            var oldest = first.TakeWhile(e => e.Said.Time < cutoff).ToList();
            if (oldest.Count == 0 || !await SealAloneAsync()) return total;
            // What was altered, its time for example, is not to vanish with what is out of its time.
            if (verification.ProblemOf(first) is { } problem)
            {
                Log.Broken(logger, problem);
                return total;
            }
            // The seal lets go of them before they go, so that no crash between the two looks like a removal.
            await seal.WriteAsync(seal.Read()! with { PrunableTo = oldest[^1].Id });
            total += deleted = await database.WriteAsync(s =>
            {
                s.Execute("""UPDATE "AuditHeads" SET "OriginId"=@p0, "Origin"=@p1 WHERE "OriginId"<@p0""",
                    oldest[^1].Id, oldest[^1].Hash ?? "");
                return s.Execute("""DELETE FROM "Audit" WHERE "Id"<=@p0""", oldest[^1].Id);
            });
        }
        while (deleted == Batch);
        return total;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical,
            Message = "The audit trail is not as it was written: {Problem}. "
                + "It is neither sealed nor pruned until that is cleared up (TokenServer audit verify)")]
        public static partial void Broken(ILogger logger, string problem);
    }
}

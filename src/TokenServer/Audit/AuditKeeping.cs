using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Keeps the chain: seals its end from time to time, deletes what is older than the retention time, and verifies it.</summary>
internal sealed class AuditKeeping(Database database, IDataProtectionProvider protection, AuditOptions options, TimeProvider clock)
{
    private const int Batch = 200, Page = 5_000;
    private readonly IDataProtector protector = protection.CreateProtector("AuditSeal");

    /// <summary>Seals the chain's end, so that what came before cannot be made anew by who has the database alone.</summary>
    public Task SealAsync() => database.WriteAsync(s =>
    {
        var head = Head(s);
        s.Execute("""UPDATE "AuditHeads" SET "Seal"=@p0""", protector.Protect($"{head.LastId} {head.LastHash}"));
    });

    /// <summary>Deletes the oldest entries that are out of their time, and notes what the first one kept follows. The number deleted.</summary>
    public async Task<int> PruneAsync(CancellationToken ct)
    {
        DateTime cutoff = clock.GetUtcNow().UtcDateTime - options.Retention;
        int total = 0, deleted;
        do
        {
            ct.ThrowIfCancellationRequested();
            total += deleted = await database.WriteAsync(s =>
            {
                // From the beginning on and no further than the first that is to stay: a clock that once went back must not make a gap.
                var oldest = s.All($"""SELECT {AuditEntry.Columns} FROM "Audit" ORDER BY "Id" LIMIT @p0""", AuditEntry.Read, Batch).TakeWhile(e => e.Said.Time < cutoff).ToList();
                if (oldest.Count == 0) return 0;
                s.Execute("""UPDATE "AuditHeads" SET "Origin"=@p0""", oldest[^1].Hash ?? "");
                return s.Execute("""DELETE FROM "Audit" WHERE "Id"<=@p0""", oldest[^1].Id);
            });
        }
        while (deleted == Batch);
        return total;
    }

    /// <summary>Looks at every entry: is each as it was written, and does each follow the one before?</summary>
    public AuditVerdict Verify()
    {
        var head = database.Read(Head);
        string? previous = head.Origin;
        long last = 0, chained = 0, unchained = 0, sealedId = 0;
        string sealedHash = "";
        if (head.Seal is not null && Open(head.Seal) is not var (id, hash)) return new(0, 0, "the seal was not made by this server");
        else if (head.Seal is not null) (sealedId, sealedHash) = Open(head.Seal)!.Value;
        while (database.Read(s => s.All($"""SELECT {AuditEntry.Columns} FROM "Audit" WHERE "Id">@p0 AND "Id"<=@p1 ORDER BY "Id" LIMIT @p2""", AuditEntry.Read, last, head.LastId, Page)) is { Count: > 0 } page)
        {
            foreach (var entry in page)
            {
                if (entry.Hash is null && chained == 0 && previous is "") unchained++;
                else if (entry.Previous is null || entry.Hash is null || AuditEntry.HashOf(entry.Previous, entry.Id, entry.Said) != entry.Hash) return new(chained, unchained, $"entry {entry.Id} was altered");
                else if (entry.Previous != previous) return new(chained, unchained, $"entry {entry.Id} does not follow the one before it ({last}): entries between them were removed, or their order was changed");
                else if (entry.Id == sealedId && entry.Hash != sealedHash) return new(chained, unchained, $"entry {entry.Id} is not the one that was sealed: the chain was made anew");
                else (previous, chained) = (entry.Hash, chained + 1);
                last = entry.Id;
            }
        }
        if (chained > 0 && (last != head.LastId || previous != head.LastHash)) return new(chained, unchained, $"entries after {last} were removed; the last one was {head.LastId}");
        if (chained == 0 && head.LastHash != head.Origin) return new(chained, unchained, $"all entries up to {head.LastId} were removed");
        return sealedId > head.LastId ? new(chained, unchained, $"entries after {last} were removed; {sealedId} was sealed") : new(chained, unchained, null);
    }

    private (long Id, string Hash)? Open(string seal)
    {
        try
        {
            string[] parts = protector.Unprotect(seal).Split(' ');
            return (long.Parse(parts[0]), parts[1]);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ChainHead Head(Statements s) => s.First("""SELECT "LastId", "LastHash", "Origin", "Seal" FROM "AuditHeads" """, r => new ChainHead(r.GetInt64(0), r.GetString(1), r.GetString(2), Row.TextOrNull(r, 3)))!;

    private sealed record ChainHead(long LastId, string LastHash, string Origin, string? Seal);
}

/// <summary>What a verification found.</summary>
/// <param name="Entries">Entries of the chain that were found as they should be.</param>
/// <param name="Unchained">Entries from before there was a chain, of which nothing can be said.</param>
/// <param name="Problem">What is wrong, and where; null where nothing is.</param>
internal sealed record AuditVerdict(long Entries, long Unchained, string? Problem);

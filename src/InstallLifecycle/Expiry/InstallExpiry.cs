using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Expiry;

/// <summary>Any unconfirmed → expired, and what has ended long enough ago is deleted; in batches,
/// between which requests get their turn.</summary>
internal sealed class InstallExpiry(IInstallStorage storage, InstallKeys keys, InstallLifecycleOptions options, TimeProvider clock)
{
    private const int Batch = 100;

    // What the activation limits count.
    private static readonly TimeSpan AttemptsCount = TimeSpan.FromDays(1);

    /// <summary>Goes on until nothing is left to do.</summary>
    public async Task<ExpiredInstalls> RunAsync(CancellationToken ct)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime, cutoff = now - options.Retention;
        int expired = await InBatchesAsync((db, events) => ExpireCodes(db, events, now), ct)
            + await InBatchesAsync((db, events) => ExpireActivations(db, events, now), ct);
        int deleted = await InBatchesAsync(
            (db, _) => db.Servers.Where(s => s.RevokedAt < cutoff).OrderBy(s => s.RevokedAt).Take(Batch).ExecuteDelete(), ct)
            // A confirmed install is kept while its server is.
            + await DeleteActivationsAsync(cutoff, ct)
            + await InBatchesAsync(
                (db, _) => db.Codes.Where(c => c.EndedAt < cutoff).OrderBy(c => c.EndedAt).Take(Batch).ExecuteDelete(), ct)
            + await InBatchesAsync((db, _) => db.Attempts
                .Where(a => a.Time < now - AttemptsCount || a.Time > now + StoredTime.Skew)
                .OrderBy(a => a.Time).Take(Batch).ExecuteDelete(), ct);
        await keys.MaintainAsync();
        return new ExpiredInstalls(expired, deleted);
    }

    // Looked for by a reader: there may be many confirmed ones whose servers live, and the writer has no time for them.
    private async Task<int> DeleteActivationsAsync(DateTime cutoff, CancellationToken ct)
    {
        int total = 0;
        while (storage.Read(db => db.Activations.Where(a => a.EndedAt < cutoff && !db.Servers.Any(s => s.ActivationId == a.Id))
            .OrderBy(a => a.Id).Select(a => a.Id).Take(Batch).ToArray()) is { Length: > 0 } due)
        {
            ct.ThrowIfCancellationRequested();
            total += await storage.WriteAsync((db, _) => db.Activations.Where(a => due.Contains(a.Id)).ExecuteDelete());
        }
        return total;
    }

    private static int ExpireCodes(InstallLifecycleDbContext db, IInstallEvents events, DateTime now)
    {
        DateTime ahead = now + StoredTime.Skew;
        var due = db.Codes.Where(c => (c.Status == CodeRow.Issued || c.Status == CodeRow.Prechecked)
                && (c.ExpiresAt <= now || c.IssuedAt > ahead))
            .OrderBy(c => c.ExpiresAt).Take(Batch).ToList();
        foreach (var code in due)
        {
            code.MoveTo(CodeRow.Expired, now);
            events.Record(new InstallEvent("install_code.expired", now, code.Id.ToString(), Caller: null));
        }
        db.SaveChanges();
        return due.Count;
    }

    private static int ExpireActivations(InstallLifecycleDbContext db, IInstallEvents events, DateTime now)
    {
        DateTime ahead = now + StoredTime.Skew;
        var due = db.Activations.Where(a => a.Status == ActivationRow.Activated && (a.ExpiresAt <= now || a.ActivatedAt > ahead))
            .OrderBy(a => a.ExpiresAt).Take(Batch).ToList();
        foreach (var activation in due)
        {
            activation.MoveTo(ActivationRow.Expired, now);
            db.Codes.Single(c => c.Id == activation.CodeId).MoveTo(CodeRow.Expired, now);
            InstallServers.Revoke(db, events, activation.Id, caller: null, now);
            events.Record(new InstallEvent("activation.expired", now, activation.ActivationId, Caller: null));
        }
        db.SaveChanges();
        return due.Count;
    }

    private async Task<int> InBatchesAsync(Func<InstallLifecycleDbContext, IInstallEvents, int> step, CancellationToken ct)
    {
        int total = 0, done;
        do
        {
            ct.ThrowIfCancellationRequested();
            total += done = await storage.WriteAsync(step);
        }
        while (done == Batch);
        return total;
    }
}

/// <summary>How much was done.</summary>
/// <param name="Expired">Codes and activations that came to their end.</param>
/// <param name="Deleted">Rows that went.</param>
public sealed record ExpiredInstalls(int Expired, int Deleted);

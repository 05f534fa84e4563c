using InstallLifecycle.Activations;
using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;
using InstallLifecycle.Watching;

namespace InstallLifecycle.Expiry;

/// <summary>Any unconfirmed → expired, and what has ended long enough ago is deleted; in batches,
/// between which requests get their turn.</summary>
internal sealed class InstallExpiry(IInstallStorage storage, InstallKeys keys, InstallLifecycleOptions options, TimeProvider clock)
{
    private const int Batch = 100;

    // No code lives longer than an hour; who watched may load the page again to see how it ended.
    private static readonly TimeSpan StepsCount = TimeSpan.FromDays(1);

    /// <summary>Goes on until nothing is left to do.</summary>
    public async Task<ExpiredInstalls> RunAsync(CancellationToken ct)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime, cutoff = now - options.Retention;
        int expired = await InBatchesAsync((s, events) => ExpireCodes(s, events, now), ct)
            + await InBatchesAsync((s, events) => ExpireActivations(s, events, now), ct);
        int deleted = await InBatchesAsync((s, _) => StoredServers.Delete(s, cutoff, Batch), ct)
            // A confirmed install is kept while its server is.
            + await DeleteActivationsAsync(cutoff, ct)
            + await InBatchesAsync((s, _) => StoredCodes.Delete(s, cutoff, Batch), ct)
            + await InBatchesAsync((s, _) => ActivationLimits.Delete(s, now, Batch), ct)
            + await InBatchesAsync((s, _) => Steps.Delete(s, now - StepsCount, now, Batch), ct);
        await keys.MaintainAsync();
        return new ExpiredInstalls(expired, deleted);
    }

    // Looked for by a reader: there may be many confirmed ones whose servers live, and the writer has no time for them.
    private async Task<int> DeleteActivationsAsync(DateTime cutoff, CancellationToken ct)
    {
        int total = 0;
        while (storage.Find(s => StoredActivations.Ended(s, cutoff, Batch)) is { Count: > 0 } due)
        {
            ct.ThrowIfCancellationRequested();
            total += await storage.WriteAsync((s, _) => StoredActivations.Delete(s, due));
        }
        return total;
    }

    private static int ExpireCodes(IInstallStatements s, IInstallEvents events, DateTime now)
    {
        var due = StoredCodes.RunOut(s, now, Batch);
        foreach (var code in due)
        {
            code.MoveTo(CodeRow.Expired, now);
            StoredCodes.Save(s, code);
            Steps.Add(s, events, new StepRow(code, StepRow.Expired, now));
            events.Record(new InstallEvent("install_code.expired", now, code.Id.ToString(), Caller: null));
        }
        return due.Count;
    }

    private static int ExpireActivations(IInstallStatements s, IInstallEvents events, DateTime now)
    {
        var due = StoredActivations.RunOut(s, now, Batch);
        foreach (var activation in due)
        {
            activation.MoveTo(ActivationRow.Expired, now);
            StoredActivations.Save(s, activation);
            var code = StoredCodes.Find(s, activation.CodeId)!;
            code.MoveTo(CodeRow.Expired, now);
            StoredCodes.Save(s, code);
            Steps.Add(s, events, new StepRow(code, StepRow.Expired, now));
            InstallServers.Revoke(s, events, activation.Id, caller: null, now);
            events.Record(new InstallEvent("activation.expired", now, activation.ActivationId, Caller: null));
        }
        return due.Count;
    }

    private async Task<int> InBatchesAsync(Func<IInstallStatements, IInstallEvents, int> step, CancellationToken ct)
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

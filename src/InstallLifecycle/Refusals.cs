using System.Threading.RateLimiting;

namespace InstallLifecycle;

/// <summary>Records what was refused, before it is answered. Anybody can be refused, so an address fills no more than 60 entries a minute,
/// and all together 600; the last of them says that more may follow unrecorded.</summary>
internal sealed class Refusals(IInstallStorage storage, TimeProvider clock) : IDisposable
{
    private const int PerMinute = 60, OfAllPerMinute = 600;
    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetFixedWindowLimiter(
            key, _ => new FixedWindowRateLimiterOptions { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) }));

    private readonly FixedWindowRateLimiter all =
        new(new FixedWindowRateLimiterOptions { PermitLimit = OfAllPerMinute, Window = TimeSpan.FromMinutes(1) });

    /// <summary>Passes <paramref name="outcome"/> on; records it first if it is a refusal.</summary>
    /// <param name="step">Which step it was.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="outcome">What it came to.</param>
    /// <param name="target">To which activation or server it was said to be.</param>
    public async Task<Outcome<T>> RecordAsync<T>(string step, Caller caller, Outcome<T> outcome, string? target = null) where T : class
    {
        // What a stranger made up is no name of anything.
        if (outcome.Error is { } error)
            await RecordAsync(step, caller, error.Code, error == InstallError.ActivationNotFound ? null : target);
        return outcome;
    }

    /// <summary>Records that <paramref name="step"/> was refused with <paramref name="code"/>.</summary>
    public async Task RecordAsync(string step, Caller caller, string code, string? target = null)
    {
        using var lease = limiter.AttemptAcquire(caller.AddressKey);
        using var ofAll = lease.IsAcquired ? all.AttemptAcquire() : lease;
        if (!ofAll.IsAcquired) return;
        bool isLast = limiter.GetStatistics(caller.AddressKey)?.CurrentAvailablePermits == 0;
        bool isLastOfAll = all.GetStatistics()?.CurrentAvailablePermits == 0;
        string last = isLastOfAll ? "; more refusals within a minute, of any address, are not recorded"
            : isLast ? "; more refusals of this address within a minute are not recorded" : "";
        DateTime now = clock.GetUtcNow().UtcDateTime;
        await storage.WriteAsync((_, events) =>
        {
            events.Record(new InstallEvent("install.refused", now, target, caller, $"{step}: {code}{last}"));
            return true;
        });
    }

    public void Dispose()
    {
        limiter.Dispose();
        all.Dispose();
    }
}

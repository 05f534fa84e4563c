using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Telemetry;

namespace TokenServer.RateLimits;

/// <summary>Makes the windows: kept in the database where replicas share it, else in memory (docs/decisions/0018).</summary>
internal sealed class RateWindows(DatabaseProvider provider, Database database, TimeProvider clock, Instruments instruments)
{
    /// <summary>A window of its own.</summary>
    /// <param name="name">What tells it from the others, in every replica and among what is measured.</param>
    /// <param name="limit">How many requests of one key it lets through.</param>
    public IRateWindow Create(string name, RateLimit limit) =>
        new CountedWindow(provider.IsShared ? new SharedWindow(name, limit, database, clock) : new SlidingWindow(limit, clock),
            () => instruments.RateLimited(name));
}

using InstallLifecycle.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;

namespace TokenServer.Health;

/// <summary>Whether the database answers, soon enough.</summary>
internal sealed class DatabaseCheck(DatabaseProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await probe.AskAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is StorageUnavailableException or TimeoutException)
        {
            return new(context.Registration.FailureStatus, e is TimeoutException ? "slow" : "failed");
        }
    }
}

/// <summary>Whether the database has the tables of this version.</summary>
internal sealed class SchemaCheck(DatabaseProbe probe) : IHealthCheck
{
    private readonly string[] needed = [Schema.Latest<ServerDbContext>(), Schema.Latest<InstallLifecycleDbContext>()];

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var applied = await probe.AskAsync(cancellationToken);
            return needed.All(applied.Contains) ? HealthCheckResult.Healthy() : new(context.Registration.FailureStatus, "outdated");
        }
        catch (Exception e) when (e is StorageUnavailableException or TimeoutException)
        {
            return new(context.Registration.FailureStatus, "unknown");
        }
    }
}

/// <summary>Whether there is a key to sign access tokens with.</summary>
internal sealed class SigningKeyCheck(KeyRing keys) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(keys.Signs(SigningKey.ES256) ? HealthCheckResult.Healthy() : new(context.Registration.FailureStatus, "missing"));
}

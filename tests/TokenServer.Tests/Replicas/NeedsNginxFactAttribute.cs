using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>A fact about replicas behind nginx, skipped, saying so, where nginx or PostgreSQL is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsNginxFactAttribute : FactAttribute
{
    public NeedsNginxFactAttribute()
    {
        if (!PostgresServer.IsThere) Skip = "needs PostgreSQL, which this machine does not have";
        else if (!Command.Exists("nginx")) Skip = "needs nginx, which this machine does not have";
    }
}

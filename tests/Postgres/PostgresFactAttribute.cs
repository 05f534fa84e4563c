using Xunit;

namespace Postgres;

/// <summary>A fact about PostgreSQL, whatever the other tests run on; it is skipped, saying so, where PostgreSQL is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (!PostgresServer.IsThere) Skip = "needs PostgreSQL, which this machine does not have";
    }
}

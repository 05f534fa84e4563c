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

/// <summary>A theory about PostgreSQL, whatever the other tests run on.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute()
    {
        if (!PostgresServer.IsThere) Skip = "needs PostgreSQL, which this machine does not have";
    }
}

using Xunit;

namespace Postgres;

/// <summary>A fact about SQLite itself, left out when the tests run on PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteFactAttribute : FactAttribute
{
    /// <param name="why">What makes it SQLite's.</param>
    public SqliteFactAttribute(string why)
    {
        if (TestDatabases.ArePostgres) Skip = "only on SQLite: " + why;
    }
}

/// <summary>A theory about SQLite itself, left out when the tests run on PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteTheoryAttribute : TheoryAttribute
{
    /// <param name="why">What makes it SQLite's.</param>
    public SqliteTheoryAttribute(string why)
    {
        if (TestDatabases.ArePostgres) Skip = "only on SQLite: " + why;
    }
}

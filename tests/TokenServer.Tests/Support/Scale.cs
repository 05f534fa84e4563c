namespace TokenServer.Tests.Support;

/// <summary>How much of what could go on for long: all of it where <c>TOKENSERVER_TESTS_FULL</c> is 1, else what fits into ten minutes.</summary>
internal static class Scale
{
    public static readonly bool IsFull = Environment.GetEnvironmentVariable("TOKENSERVER_TESTS_FULL") == "1";

    public static int Of(int full, int otherwise) => IsFull ? full : otherwise;
}

/// <summary>A fact that takes long and has the machine to itself meanwhile; left out unless <c>TOKENSERVER_TESTS_FULL</c> is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FullFactAttribute : FactAttribute
{
    public FullFactAttribute()
    {
        if (!Scale.IsFull) Skip = "takes long: TOKENSERVER_TESTS_FULL=1 ./test.sh";
    }
}

/// <summary>The same, where it needs PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FullPostgresFactAttribute : FactAttribute
{
    public FullPostgresFactAttribute() => Skip = new PostgresFactAttribute().Skip ?? new FullFactAttribute().Skip;
}

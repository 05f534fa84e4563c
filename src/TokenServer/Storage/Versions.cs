namespace TokenServer.Storage;

/// <summary>Counts the changes of what every process keeps in memory, so that the others see them (<see cref="ChangeFeed"/>).</summary>
internal static class Versions
{
    private const string BumpSql = """
        INSERT INTO "Versions" ("Name", "Number") VALUES (@p0, 1) ON CONFLICT ("Name") DO UPDATE SET "Number" = "Versions"."Number" + 1
        """;

    public static void Bump(Statements statements, string name)
    {
        statements.Execute(BumpSql, name);
        statements.Announce();
    }

    /// <summary>As <see cref="Bump"/>, once a transaction, at its end: for what many of its operations change.</summary>
    public static void BumpAtCommit(Statements statements, string name)
    {
        statements.BeforeCommit(BumpSql, name);
        statements.Announce();
    }
}

namespace TokenServer.Tests.Support;

/// <summary>A fact that needs other programs, and is skipped, saying so, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsCommandFactAttribute : FactAttribute
{
    public NeedsCommandFactAttribute(params string[] commands) => Skip = ReasonToSkip(commands);

    internal static string? ReasonToSkip(string[] commands)
    {
        string[] missing = [.. commands.Where(c => !Command.Exists(c))];
        return missing.Length > 0 ? $"needs {string.Join(" and ", missing)}, which this machine does not have" : null;
    }
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsCommandTheoryAttribute : TheoryAttribute
{
    public NeedsCommandTheoryAttribute(params string[] commands) => Skip = NeedsCommandFactAttribute.ReasonToSkip(commands);
}

/// <summary>A fact about SQLite's file that needs another program.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SqliteCommandFactAttribute : FactAttribute
{
    public SqliteCommandFactAttribute(string command)
    {
        if (TestDatabases.ArePostgres) Skip = "only on SQLite: it is about the file";
        else if (!Command.Exists(command)) Skip = $"needs {command}, which this machine does not have";
    }
}

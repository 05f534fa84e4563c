namespace TokenServer.Tests.Support;

/// <summary>A fact that needs other programs, and is skipped, saying so, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsCommandFactAttribute : FactAttribute
{
    public NeedsCommandFactAttribute(params string[] commands)
    {
        string[] missing = [.. commands.Where(c => !Command.Exists(c))];
        if (missing.Length > 0) Skip = $"needs {string.Join(" and ", missing)}, which this machine does not have";
    }
}

namespace Browser.Tests.Support;

/// <summary>A fact that needs Debian's Chromium, and is skipped, saying so, where that is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsChromiumFactAttribute : FactAttribute
{
    public NeedsChromiumFactAttribute()
    {
        if (!Chromium.IsThere) Skip = $"needs {Chromium.Program}, which this machine does not have";
    }
}

/// <summary>A theory that needs Debian's Chromium, and is skipped, saying so, where that is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsChromiumTheoryAttribute : TheoryAttribute
{
    public NeedsChromiumTheoryAttribute()
    {
        if (!Chromium.IsThere) Skip = $"needs {Chromium.Program}, which this machine does not have";
    }
}

namespace Browser.Tests.Support;

/// <summary>A fact that needs Debian's Chromium, and is skipped, saying so, where that is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsChromiumFactAttribute : FactAttribute
{
    /// <param name="files">What it needs beside the browser.</param>
    public NeedsChromiumFactAttribute(params string[] files)
    {
        if (new[] { Chromium.Program }.Concat(files).FirstOrDefault(f => !File.Exists(f)) is { } missing)
            Skip = $"needs {missing}, which this machine does not have";
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

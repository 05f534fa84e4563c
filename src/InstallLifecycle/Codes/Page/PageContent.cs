namespace InstallLifecycle.Codes.Page;

/// <summary>What the page shows.</summary>
/// <param name="InstallCommand">The line to run on the server.</param>
/// <param name="CodeLifetime">How long a code may be used.</param>
/// <param name="Now">When the page was made.</param>
/// <param name="Steps">The last steps of this browser session's installs, the oldest first.</param>
/// <param name="Code">The code that the plain form just got; null otherwise.</param>
/// <param name="Error">Why the plain form got none; null otherwise.</param>
public sealed record PageContent(string InstallCommand, TimeSpan CodeLifetime,
    DateTimeOffset Now, IReadOnlyList<PageStep> Steps, IssuedCode? Code = null, InstallError? Error = null)
{
    /// <summary>Whether the code was shown by the page before this one.</summary>
    public bool WasShown { get; init; }
}

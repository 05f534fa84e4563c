using System.Diagnostics;

namespace TokenServer.Tests.Support;

/// <summary>The Python that has the package requests: the system's own before any other on the search path, since that is what distributions' packages are for.</summary>
internal static class Python
{
    private static readonly Lazy<string?> Found = new(() => new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(HasRequests));

    /// <summary>Its name or path.</summary>
    public static string Program => Found.Value ?? throw new InvalidOperationException("no Python here has the package requests");

    public static bool Exists => Found.Value is not null;

    private static bool HasRequests(string program)
    {
        if (!File.Exists(program) && !Command.Exists(program)) return false;
        using var process = Process.Start(new ProcessStartInfo(program, ["-c", "import requests"]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A fact that needs Python with the package requests, and is skipped, saying so, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsPythonFactAttribute : FactAttribute
{
    public NeedsPythonFactAttribute()
    {
        if (!Python.Exists) Skip = "needs python3 with the package requests, which this machine does not have";
    }
}

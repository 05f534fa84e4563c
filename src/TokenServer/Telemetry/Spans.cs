using System.Diagnostics;
using System.Reflection;

namespace TokenServer.Telemetry;

/// <summary>The server's own spans below the framework's one of the request: where its time goes.
/// Nothing that a client sent is in them.</summary>
internal static class Spans
{
    public const string SourceName = nameof(TokenServer);
    public static readonly string Version =
        typeof(Spans).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
    private static readonly ActivitySource Source = new(SourceName, Version);

    /// <summary>Whether anybody listens; else nothing is to be made.</summary>
    public static bool AreSeen => Source.HasListeners();

    /// <summary>A span until it is disposed of; null where nobody listens.</summary>
    public static Activity? Start(string name) => Source.StartActivity(name);

    /// <summary>A span around work that waits in a queue first; the work says by <see cref="Begin"/> when its turn has come.</summary>
    public static async Task<T> AroundAsync<T>(string name, Func<Activity?, Task<T>> work)
    {
        using var span = Source.StartActivity(name);
        try
        {
            return await work(span);
        }
        catch (Exception e)
        {
            Fail(span, e);
            throw;
        }
    }

    /// <summary>Marks where the waiting ended.</summary>
    public static void Begin(Activity? span) => span?.AddEvent(new ActivityEvent("begun"));

    /// <summary>Names the kind of failure; an exception's message may have more in it than anybody should see.</summary>
    public static void Fail(Activity? span, Exception exception) =>
        span?.SetTag("error.type", exception.GetType().FullName).SetStatus(ActivityStatusCode.Error);
}

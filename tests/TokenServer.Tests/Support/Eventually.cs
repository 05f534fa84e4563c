using System.Diagnostics;

namespace TokenServer.Tests.Support;

/// <summary>Waits for what another process does.</summary>
internal static class Eventually
{
    /// <summary>When a request is given up: far later than any takes, on however busy a machine.</summary>
    public static readonly TimeSpan Never = TimeSpan.FromMinutes(10);

    /// <summary>Asks again and again until <paramref name="condition"/> holds; false where it did not within <paramref name="deadline"/>.</summary>
    public static async Task<bool> TrueAsync(Func<Task<bool>> condition, TimeSpan deadline)
    {
        var watch = Stopwatch.StartNew();
        do
        {
            // A question that was asked in time counts, however long its answer took.
            if (await condition()) return true;
            await Task.Delay(50);
        }
        while (watch.Elapsed < deadline);
        return false;
    }
}

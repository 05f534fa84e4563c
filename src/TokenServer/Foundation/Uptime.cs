namespace TokenServer.Foundation;

/// <summary>How long the server has been running.</summary>
internal sealed class Uptime(TimeProvider clock)
{
    private readonly DateTimeOffset start = clock.GetUtcNow();

    public long Seconds => (long)(clock.GetUtcNow() - start).TotalSeconds;
}

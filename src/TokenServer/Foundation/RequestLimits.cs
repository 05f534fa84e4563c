namespace TokenServer.Foundation;

/// <summary>What a request may measure (contract section 0).</summary>
internal static class RequestLimits
{
    /// <summary>Bytes of a body; a larger one is answered with 413.</summary>
    public const int LargestBody = 64 * 1024;

    /// <summary>How long its first line and headers may take; also the longest that one of which half came can delay a stop.</summary>
    public static readonly TimeSpan SlowestHead = TimeSpan.FromSeconds(8);
}

namespace TokenServer.RateLimits;

/// <summary>Port: lets through so many requests of one key in any span of a window, to the exact moment;
/// a refused one uses up nothing.</summary>
internal interface IRateWindow
{
    /// <summary>How things stand for <paramref name="key"/>, without counting anything.</summary>
    ValueTask<RateLease> LookAsync(string key);

    /// <summary>Counts a request of <paramref name="key"/>, if it may pass.</summary>
    /// <exception cref="Storage.StorageUnavailableException">It is not known whether it may.</exception>
    ValueTask<RateLease> TakeAsync(string key);
}

/// <summary>How things stand for one key.</summary>
/// <param name="Allowed">Whether the request may pass.</param>
/// <param name="Limit">How many may pass in the window.</param>
/// <param name="Remaining">How many more may pass now.</param>
/// <param name="RetryAfter">How long until the oldest request that counts is out of the window.</param>
/// <param name="Reset">When that is.</param>
internal sealed record RateLease(bool Allowed, int Limit, int Remaining, TimeSpan RetryAfter, DateTimeOffset Reset);

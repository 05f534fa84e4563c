namespace TokenServer.Tokens;

/// <summary>How many tokens were signed that have not expired, by the minutes in which they do. Issuing one writes nothing, so this is what
/// one process knows of itself.</summary>
internal sealed class SignedTokenCount
{
    // As long as any token lives, and a minute at either end.
    private static readonly int Minutes = (int)LongestLife.TotalMinutes + 2;
    private static TimeSpan LongestLife => Foundation.LifetimesOptions.LongestAccessToken;

    // Of each minute, its number in the upper half and the count in the lower.
    private readonly long[] places = new long[Minutes];

    /// <summary>Counts one that expires at <paramref name="expiresAt"/>, seconds since 1970.</summary>
    public void Add(long expiresAt)
    {
        long minute = expiresAt / 60;
        ref long place = ref places[minute % Minutes];
        for (long seen = Volatile.Read(ref place); ;)
        {
            long was = Interlocked.CompareExchange(ref place, seen >> 32 == minute ? seen + 1 : minute << 32 | 1, seen);
            if (was == seen) return;
            seen = was;
        }
    }

    /// <summary>How many have not expired at <paramref name="now"/>, seconds since 1970, to the minute.</summary>
    public long After(long now)
    {
        long minute = now / 60, count = 0;
        foreach (ref long place in places.AsSpan())
            if (Volatile.Read(ref place) is var seen && seen >> 32 >= minute) count += seen & uint.MaxValue;
        return count;
    }

    public void Clear() => Array.Clear(places);
}

namespace TokenServer.RevocationFeed;

/// <summary>What a reader finds after a cursor.</summary>
/// <param name="Told">What concerns it and could still be alive.</param>
/// <param name="Last">The last row that was looked at; null where there was none.</param>
/// <param name="IsLast">Whether there is nothing more.</param>
internal sealed record FeedLook(IReadOnlyList<FeedEntry> Told, FeedEntry? Last, bool IsLast)
{
    public static readonly FeedLook Nothing = new([], null, true);

    // Rows that one look goes through for a reader whom they do not concern.
    private const int MostRows = 20 * FeedTail.Batch;

    /// <summary>Looks for at most <paramref name="most"/> entries after <paramref name="row"/>.</summary>
    /// <exception cref="Storage.StorageUnavailableException">It is not known what was revoked.</exception>
    public static async ValueTask<FeedLook> AfterAsync(
        FeedTail tail, FeedReader reader, long row, int most, DateTime now, CancellationToken ct)
    {
        var told = new List<FeedEntry>();
        FeedEntry? last = null;
        for (int looked = 0; looked < MostRows && told.Count < most;)
        {
            var page = await tail.AfterAsync(last?.Row ?? row, ct);
            foreach (var entry in page.Entries)
            {
                if (told.Count == most) return new(told, last, false);
                looked++;
                last = entry;
                if (entry.ExpiresAt > now && entry.Concerns(reader)) told.Add(entry);
            }
            if (page.IsLast) return new(told, last, true);
        }
        return new(told, last, false);
    }
}

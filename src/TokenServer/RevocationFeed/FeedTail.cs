using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.RevocationFeed;

/// <summary>The end of the feed, read once for all who read it here, and only while somebody does. What it says is complete is what
/// every replica had acknowledged a second before (docs/decisions/0017).</summary>
internal sealed class FeedTail(FeedRows rows, RevocationIndex index, ChangeFeed changes) : IDisposable
{
    /// <summary>How many rows one page has.</summary>
    public const int Batch = 500;

    // Who is further behind reads for itself, a page at a time.
    private const int Most = 4096;

    // One reads for all, and the others wait without a thread; what was read is looked at by any.
    private readonly SemaphoreSlim loading = new(1);
    private readonly Lock gate = new();
    private readonly List<FeedEntry> kept = [];
    // Kept are the rows after the first and up to the second.
    private long from, last, era = -1;

    /// <summary>Another number after rows' numbers may mean others: who goes on has to show its cursor anew.</summary>
    public long Era => index.Era;

    /// <summary>The rows after <paramref name="row"/>, a page of them.</summary>
    /// <exception cref="StorageUnavailableException">It is not known what was revoked, here or elsewhere.</exception>
    public async ValueTask<FeedPage> AfterAsync(long row, CancellationToken ct)
    {
        changes.EnsureFresh();
        long target = index.LastRow;
        if (row >= target) return FeedPage.Nothing;
        if (!IsLoaded(target)) await LoadAsync(row, target, ct);
        lock (gate)
            if (era == index.Era && row >= from) return Page(kept, Place(row), target);
        return Page(await rows.AfterAsync(row, Batch, ct), 0, target);
    }

    public void Dispose() => loading.Dispose();

    private bool IsLoaded(long target)
    {
        lock (gate) return era == index.Era && last >= target;
    }

    private async Task LoadAsync(long row, long target, CancellationToken ct)
    {
        await loading.WaitAsync(ct);
        try
        {
            // Whoever waited here for a database that does not answer asks it no more.
            changes.EnsureFresh();
            Begin(row, target);
            while (!IsLoaded(target) && Keep(await rows.AfterAsync(last, Batch, ct)))
            {
            }
        }
        finally
        {
            loading.Release();
        }
    }

    private void Begin(long row, long target)
    {
        lock (gate)
        {
            if (era == index.Era && last != 0) return;
            kept.Clear();
            era = index.Era;
            from = last = Math.Max(row, target - Most);
        }
    }

    // Whether there may be more.
    private bool Keep(IReadOnlyList<FeedEntry> more)
    {
        lock (gate)
        {
            kept.AddRange(more);
            if (more.Count > 0) last = more[^1].Row;
            if (kept.Count > 2 * Most)
            {
                from = kept[^(Most + 1)].Row;
                kept.RemoveRange(0, kept.Count - Most);
            }
        }
        return more.Count == Batch;
    }

    // Where the rows after this one begin.
    private int Place(long row)
    {
        int low = 0, high = kept.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (kept[middle].Row <= row) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static FeedPage Page(IReadOnlyList<FeedEntry> all, int first, long target)
    {
        var some = all.Skip(first).Take(Batch).ToList();
        return new(some, some.Count < Batch || some[^1].Row >= target);
    }
}

/// <summary>Rows in their order, and whether there are no more.</summary>
internal sealed record FeedPage(IReadOnlyList<FeedEntry> Entries, bool IsLast)
{
    public static readonly FeedPage Nothing = new([], true);
}

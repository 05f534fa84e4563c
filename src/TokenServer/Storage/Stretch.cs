namespace TokenServer.Storage;

/// <summary>Which stretch of a list is wanted: what lies between two ids, from one of its ends, and so many at most.</summary>
/// <param name="After">Only ids above this one; null: from the first.</param>
/// <param name="Before">Only ids below this one; null: to the last.</param>
/// <param name="IsAscending">Whether the smallest come first.</param>
/// <param name="Limit">At most so many.</param>
internal sealed record Stretch(long? After, long? Before, bool IsAscending, int Limit)
{
    private const int LargestBlock = 500;

    /// <summary>The largest ids, the largest first.</summary>
    public static Stretch Newest(long? before, int limit) => new(null, before, IsAscending: false, limit);

    /// <summary>The smallest id that may be in it.</summary>
    public long First => After is { } after ? after + (after < long.MaxValue ? 1 : 0) : 0;

    /// <summary>The id that no id in it reaches.</summary>
    public long End => Before ?? long.MaxValue;

    /// <summary>The order in SQL.</summary>
    public string Order => IsAscending ? "ASC" : "DESC";

    /// <summary>What comes after <paramref name="id"/> in its order.</summary>
    public Stretch Beyond(long id) => IsAscending ? this with { After = id } : this with { Before = id };

    /// <summary>Narrowed to ids of at least <paramref name="first"/> and below <paramref name="end"/>.</summary>
    public Stretch Within(long first, long end) =>
        this with { After = Math.Max(First, first) - 1, Before = Math.Min(End, end) };

    /// <summary><paramref name="items"/> in its order, no more than it wants.</summary>
    public List<T> Of<T>(IEnumerable<T> items, Func<T, long> id)
    {
        var inside = items.Where(i => id(i) is var at && at >= First && at < End);
        return [.. (IsAscending ? inside.OrderBy(id) : inside.OrderByDescending(id)).Take(Limit)];
    }

    /// <summary>What <paramref name="pick"/> takes of a list that is walked through until there is enough: for what is so frequent that
    /// the next is never far.</summary>
    /// <param name="read">Reads a stretch of the list.</param>
    /// <param name="id">An item's id.</param>
    /// <param name="pick">Takes some of the items.</param>
    public List<T> Walk<T>(Func<Stretch, IReadOnlyList<T>> read, Func<T, long> id, Func<IReadOnlyList<T>, IEnumerable<T>> pick)
    {
        var found = new List<T>();
        // Where all that there is is meant, the first block has the page.
        var next = this with { Limit = Math.Min(Limit, LargestBlock) };
        while (true)
        {
            var block = read(next);
            found.AddRange(pick(block));
            if (found.Count >= Limit) return found[..Limit];
            if (block.Count < next.Limit) return found;
            next = next.Beyond(id(block[^1])) with { Limit = Math.Min(2 * next.Limit, LargestBlock) };
        }
    }
}

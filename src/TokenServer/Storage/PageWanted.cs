namespace TokenServer.Storage;

/// <summary>Which page of a list is wanted.</summary>
/// <param name="Cursor">The id at which it begins or ends, which is not on it; null: the first page.</param>
/// <param name="IsBack">Whether it lies before the cursor, in the list's order.</param>
/// <param name="IsOldestFirst">The list's order.</param>
/// <param name="Size">At most so many.</param>
internal sealed record PageWanted(long? Cursor, bool IsBack, bool IsOldestFirst, int Size)
{
    /// <summary>So many are counted, and no more.</summary>
    public const int Counted = 500;

    /// <summary>What to read of the list: one more than are on the page, to know whether there are others beyond.</summary>
    public Stretch Stretch => IsOldestFirst != IsBack ? new(Cursor, null, IsAscending: true, Size + 1)
        : new(null, Cursor, IsAscending: false, Size + 1);

    /// <summary>How many there are in all: what was read, where that is all of them, else what <paramref name="count"/> says.</summary>
    public int? Total(int read, Func<int, int?> count) => Cursor is null && read <= Size ? read : count(Counted + 1);

    /// <summary>The ids of what is to be read of a list, and how many it has. On the first page they are the first of those that are
    /// counted, which are looked up once.</summary>
    /// <param name="ids">Looks up the ids of a stretch of the list, in its order.</param>
    public (List<long> Ids, int Total) Look(Func<Stretch, List<long>> ids)
    {
        if (Cursor is not null) return (ids(Stretch), ids(Stretch.Newest(null, Counted + 1)).Count);
        var counted = ids(Stretch with { Limit = Math.Max(Counted, Size) + 1 });
        return (counted.Count > Size ? counted[..(Size + 1)] : counted, counted.Count);
    }

    /// <summary>The page, made of what was read.</summary>
    public ListPage<T> Of<T>(IReadOnlyList<T> read, Func<T, long> id)
    {
        bool isMore = read.Count > Size;
        List<T> items = [.. isMore ? read.Take(Size) : read];
        if (IsBack) items.Reverse();
        if (items.Count == 0) return new(items, null, null);
        bool isNext = IsBack || isMore, isPrevious = IsBack ? isMore : Cursor is not null;
        return new(items, isNext ? id(items[^1]) : null, isPrevious ? id(items[0]) : null);
    }
}

/// <summary>What was read of a list for a page.</summary>
/// <param name="Items">What there was, one more than are on the page.</param>
/// <param name="Total">How many there are in all, where no more than are counted; null where nobody knows.</param>
internal sealed record ListRead<T>(IReadOnlyList<T> Items, int? Total);

/// <summary>A page of a list, in the list's order.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">The cursor of the page after it; null where there is none.</param>
/// <param name="Previous">The cursor of the page before it; null where there is none.</param>
internal sealed record ListPage<T>(IReadOnlyList<T> Items, long? Next, long? Previous);

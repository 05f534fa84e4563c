namespace TokenServer.RevocationFeed;

/// <summary>How far a reader has come: the number of a row and a hash of what it says and of who reads, on any replica, after any restart.
/// After a backup was restored the number may be another row's; after the reader's audiences changed it was told of other things. It is
/// the <c>jti</c> of an event as well (RFC 8417 section 2.2), the same each time the event is told.</summary>
internal sealed class FeedCursors(FeedRows rows)
{
    /// <summary>Of who begins.</summary>
    public const string Beginning = "";

    private const int MarkSize = 12;

    /// <summary>Of who has been told everything up to <paramref name="entry"/>.</summary>
    public static string Of(FeedEntry entry, FeedReader reader)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{entry.Row} {entry.DeadId} {entry.ExpiresAt.Ticks} {reader.Scope}"));
        return $"{entry.Row.ToString(CultureInfo.InvariantCulture)}.{Base64Url.EncodeToString(hash.AsSpan(0, MarkSize))}";
    }

    /// <summary>The row to go on after; null where it is not known any more, and the reader must begin anew.</summary>
    /// <exception cref="Storage.StorageUnavailableException">The database did not answer.</exception>
    public async ValueTask<long?> ResumeAsync(string cursor, FeedReader reader, CancellationToken ct)
    {
        if (cursor == Beginning) return 0;
        return RowOf(cursor) is { } row && await rows.FindAsync(row, ct) is { } entry && Of(entry, reader) == cursor ? row : null;
    }

    /// <summary>The row that a cursor names, whoever made it.</summary>
    public static long? RowOf(string cursor)
    {
        int dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot is > 0 and < 20 && long.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out long row)
            ? row : null;
    }
}

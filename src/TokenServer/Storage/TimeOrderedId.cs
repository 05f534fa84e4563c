namespace TokenServer.Storage;

/// <summary>Makes ids that grow with time: 41 bits of milliseconds since 2025, 8 of sequence, 14 that tell processes apart. As a key such
/// an id is appended, not scattered (docs/decisions/0003); as a mark it parts what came before from what comes after.</summary>
internal sealed class TimeOrderedId(TimeProvider clock)
{
    private const int SequenceBits = 8, NodeBits = 14;
    private const long LastMillisecond = (1L << 41) - 1;
    private const string Digits = "0123456789abcdefghijklmnopqrstuv";
    private static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long node = RandomNumberGenerator.GetInt32(1 << NodeBits);
    private long last;

    /// <summary>Takes a number that no other of the last 16,384 servers that were started on this database has;
    /// a command's is drawn by lot.</summary>
    public async Task TakeNodeAsync(Database database)
    {
        long number = await database.WriteAsync(s =>
        {
            Versions.Bump(s, "node");
            return s.All("""SELECT "Number" FROM "Versions" WHERE "Name"='node'""", r => r.GetInt64(0))[0];
        });
        Volatile.Write(ref node, number & ((1 << NodeBits) - 1));
    }

    /// <summary>The next id, greater than every earlier one of this process.</summary>
    public long Next()
    {
        long now = (long)(clock.GetUtcNow() - Epoch).TotalMilliseconds << SequenceBits;
        long seen, next;
        do
        {
            seen = Volatile.Read(ref last);
            next = Math.Max(now, seen + 1);
        }
        while (Interlocked.CompareExchange(ref last, next, seen) != seen);
        return (next << NodeBits) | Volatile.Read(ref node);
    }

    /// <summary>Makes every id from here on greater than <paramref name="seen"/>, which a clock ahead of ours may have made.</summary>
    public void Pass(long seen)
    {
        long least = seen >> NodeBits, known;
        while ((known = Volatile.Read(ref last)) < least && Interlocked.CompareExchange(ref last, least, known) != known)
        {
        }
    }

    /// <summary>When an id was made, UTC, to the millisecond.</summary>
    public static DateTime TimeOf(long id) => Epoch.UtcDateTime.AddMilliseconds(id >> (SequenceBits + NodeBits));

    /// <summary>An id that everything made at <paramref name="utc"/> or later is at least as great as.</summary>
    public static long FirstAt(DateTime utc) =>
        (long)Math.Clamp(Math.Ceiling((utc - Epoch.UtcDateTime).TotalMilliseconds), 0, LastMillisecond) << (SequenceBits + NodeBits);

    /// <summary>The 13 characters of an id on the wire (<c>jti</c>, <c>sid</c>), in an alphabet that keeps the order.</summary>
    public static string ToText(long id) => string.Create(13, id, static (text, value) =>
    {
        for (int i = text.Length - 1; i >= 0; i--, value >>= 5) text[i] = Digits[(int)(value & 31)];
    });

    /// <summary>The id in <paramref name="text"/>, or null where it is not one.</summary>
    public static long? Parse(ReadOnlySpan<char> text)
    {
        if (text.Length != 13) return null;
        long id = 0;
        foreach (char c in text)
        {
            int digit = Digits.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0) return null;
            id = (id << 5) | (uint)digit;
        }
        return id >= 0 ? id : null;
    }
}

using System.Buffers.Binary;

namespace TokenServer.Transfers;

/// <summary>How many rows, and the sum of the SHA-256 of each: the same for the same rows, in whatever order they come.</summary>
internal sealed class Fingerprint
{
    private const int NumberSize = 8;
    private readonly ulong[] sum = new ulong[4];
    private byte[] bytes = new byte[1024];
    private int length;

    public long Rows { get; private set; }

    /// <summary>Hexadecimal.</summary>
    public string Sum => string.Concat(sum.Select(part => part.ToString("x16", CultureInfo.InvariantCulture)));

    public void Add(object?[] row)
    {
        length = 0;
        foreach (object? value in row) Append(value);
        Span<byte> of = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, length), of);
        for (int i = 0; i < sum.Length; i++) sum[i] += BinaryPrimitives.ReadUInt64BigEndian(of[(8 * i)..]);
        Rows++;
    }

    // With its length before it, so that no two rows say the same.
    private void Append(object? value)
    {
        if (value is string text)
        {
            int size = Encoding.UTF8.GetByteCount(text);
            AppendNumber(size);
            Encoding.UTF8.GetBytes(text, Room(size));
            return;
        }
        AppendNumber(value is null ? -1 : NumberSize);
        if (value is not null) AppendNumber(Number(value));
    }

    private static long Number(object value) => value switch
    {
        long number => number,
        int number => number,
        bool truth => truth ? 1 : 0,
        DateTime time => time.Ticks,
        DateTimeOffset time => time.UtcTicks,
        _ => throw new NotSupportedException($"{value.GetType()} has no fingerprint"),
    };

    private void AppendNumber(long number) => BinaryPrimitives.WriteInt64BigEndian(Room(NumberSize), number);

    private Span<byte> Room(int size)
    {
        if (bytes.Length < length + size) Array.Resize(ref bytes, 2 * (length + size));
        length += size;
        return bytes.AsSpan(length - size, size);
    }
}

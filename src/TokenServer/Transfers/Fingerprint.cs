using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TokenServer.Transfers;

/// <summary>How many rows, and the sum of the SHA-256 of each: the same for the same rows, in whatever order they come.</summary>
internal sealed class Fingerprint : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ulong[] sum = new ulong[4];

    public long Rows { get; private set; }

    /// <summary>Hexadecimal.</summary>
    public string Sum => string.Concat(sum.Select(part => part.ToString("x16", CultureInfo.InvariantCulture)));

    public void Add(object?[] row)
    {
        Span<byte> length = stackalloc byte[4];
        foreach (object? value in row)
        {
            // With its length before it, so that no two rows say the same.
            byte[] text = value is null ? [] : Encoding.UTF8.GetBytes(value is IFormattable exact ? exact.ToString(value is DateTime or DateTimeOffset ? "O" : null, CultureInfo.InvariantCulture) : value.ToString()!);
            BinaryPrimitives.WriteInt32BigEndian(length, value is null ? -1 : text.Length);
            hash.AppendData(length);
            hash.AppendData(text);
        }
        Span<byte> of = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(of);
        for (int i = 0; i < sum.Length; i++) sum[i] += BinaryPrimitives.ReadUInt64BigEndian(of[(8 * i)..]);
        Rows++;
    }

    public void Dispose() => hash.Dispose();
}

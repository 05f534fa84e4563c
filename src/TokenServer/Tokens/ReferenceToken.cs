using System.Buffers.Binary;

namespace TokenServer.Tokens;

/// <summary>The value of a token that is stored: a prefix, then 43 base64url characters (of a PIN token 64 hex ones) of an 8-byte row id
/// and 24 secret bytes. The row is found by the id; it holds the secret's SHA-256 (docs/decisions/0003).</summary>
internal sealed class ReferenceToken
{
    public const string Refresh = "rt_", OpaqueAccess = "at_", Temp = "temp_", Tunnel = "tt_", Code = "ac_",
        Request = "urn:ietf:params:oauth:request_uri:";
    private const int Length = 43;
    private readonly byte[] bytes;

    private ReferenceToken(byte[] bytes) => this.bytes = bytes;

    public long Id => BinaryPrimitives.ReadInt64BigEndian(bytes);

    /// <summary>The 24 secret bytes.</summary>
    public ReadOnlySpan<byte> Secret => bytes.AsSpan(8);

    /// <summary>All 32 bytes: id and secret.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>What is stored of the secret: its SHA-256, base64url.</summary>
    public string Hash => Base64Url.EncodeToString(SHA256.HashData(Secret));

    public static ReferenceToken Create(long id)
    {
        byte[] bytes = new byte[32];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id);
        RandomNumberGenerator.Fill(bytes.AsSpan(8));
        return new(bytes);
    }

    public static ReferenceToken FromBytes(byte[] bytes) => new(bytes);

    /// <summary>The token in <paramref name="text"/>, or null where it is none with that prefix.</summary>
    public static ReferenceToken? Parse(string prefix, string text)
    {
        if (text.Length != prefix.Length + Length || !text.StartsWith(prefix, StringComparison.Ordinal)) return null;
        byte[] bytes = new byte[32];
        return Decode(text.AsSpan(prefix.Length), bytes) ? new(bytes) : null;
    }

    /// <summary>The token in <paramref name="text"/>, or null where that is not 64 lowercase hex characters.</summary>
    public static ReferenceToken? ParseHex(string text) =>
        text.Length == 64 && text.All(char.IsAsciiHexDigitLower) ? new(Convert.FromHexString(text)) : null;

    /// <summary>Whether <paramref name="stored"/> is this token's hash; takes the same time whatever differs.</summary>
    public bool Matches(string? stored)
    {
        Span<byte> expected = stackalloc byte[32], actual = stackalloc byte[32];
        SHA256.HashData(Secret, actual);
        return stored is not null && Decode(stored, expected) && CryptographicOperations.FixedTimeEquals(expected, actual);
    }

    private static bool Decode(ReadOnlySpan<char> text, Span<byte> into) =>
        Base64Url.DecodeFromChars(text, into, out int read, out int written) == OperationStatus.Done
            && read == text.Length && written == into.Length;

    public string ToHex() => Convert.ToHexStringLower(bytes);

    public string ToText(string prefix) => prefix + Base64Url.EncodeToString(bytes);
}

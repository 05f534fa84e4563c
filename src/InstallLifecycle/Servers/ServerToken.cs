using System.Buffers;
using System.Buffers.Binary;

namespace InstallLifecycle.Servers;

/// <summary>A server token: <c>st_</c> and 43 base64url characters of its row's number and 24 secret bytes,
/// of which the row keeps the SHA-256.</summary>
internal sealed class ServerToken
{
    public const string Prefix = "st_";
    private const int Length = 43, SecretLength = 24;
    private readonly byte[] secret;

    private ServerToken(long id, byte[] secret) => (Id, this.secret) = (id, secret);

    /// <summary>The server's row.</summary>
    public long Id { get; }

    public string Hash => Convert.ToHexStringLower(SHA256.HashData(secret));

    public static byte[] CreateSecret() => RandomNumberGenerator.GetBytes(SecretLength);

    public static ServerToken Of(long id, byte[] secret) => new(id, secret);

    /// <summary>The token in <paramref name="text"/>, or null where it is none.</summary>
    public static ServerToken? Parse(string text)
    {
        if (text.Length != Prefix.Length + Length || !text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        byte[] bytes = new byte[sizeof(long) + SecretLength];
        return Base64Url.DecodeFromChars(text.AsSpan(Prefix.Length), bytes, out int read, out int written) == OperationStatus.Done
            && read == Length && written == bytes.Length
            ? new(BinaryPrimitives.ReadInt64BigEndian(bytes), bytes[sizeof(long)..]) : null;
    }

    /// <summary>Whether <paramref name="stored"/> is this token's hash; takes the same time whatever differs.</summary>
    public bool Matches(string stored) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(secret), Convert.FromHexString(stored));

    public override string ToString()
    {
        byte[] bytes = new byte[sizeof(long) + SecretLength];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Id);
        secret.CopyTo(bytes.AsSpan(sizeof(long)));
        return Prefix + Base64Url.EncodeToString(bytes);
    }
}

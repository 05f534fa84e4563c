using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>A used token's row keeps its successor, sealed (AES-256-GCM) under a key that only the used token gives (HKDF-SHA256):
/// the database alone cannot open it.</summary>
internal static class Succession
{
    private const int TagSize = 16;

    // Of what a key seals, one message at most is ever stored or sent, so the nonce may be constant.
    private static readonly byte[] Nonce = new byte[12];

    public static string Seal(ReferenceToken used, ReferenceToken successor)
    {
        Span<byte> message = stackalloc byte[successor.Bytes.Length + TagSize];
        using var cipher = Cipher(used);
        cipher.Encrypt(Nonce, successor.Bytes, message[..^TagSize], message[^TagSize..]);
        return Base64Url.EncodeToString(message);
    }

    public static ReferenceToken Open(ReferenceToken used, string heir)
    {
        byte[] message = Base64Url.DecodeFromChars(heir), bytes = new byte[message.Length - TagSize];
        using var cipher = Cipher(used);
        cipher.Decrypt(Nonce, message.AsSpan(..^TagSize), message.AsSpan(^TagSize..), bytes);
        return ReferenceToken.FromBytes(bytes);
    }

    private static AesGcm Cipher(ReferenceToken used)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, used.Secret, key, [], "refresh token succession"u8);
        return new AesGcm(key, TagSize);
    }
}

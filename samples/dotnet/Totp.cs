using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TokenServer.Sample;

/// <summary>The code an authenticator app shows (RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits).</summary>
internal static class Totp
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <param name="secret">The secret in base 32.</param>
    /// <param name="now">The time.</param>
    public static string Code(string secret, DateTimeOffset now)
    {
        string bits = string.Concat(secret.Select(c => Alphabet.IndexOf(c, StringComparison.Ordinal).ToString("b5")));
        byte[] key = [.. bits.Chunk(8).Where(b => b.Length == 8).Select(b => Convert.ToByte(new string(b), 2))];
        byte[] step = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, now.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // HMAC-SHA-1 is what RFC 6238's authenticators compute.
        byte[] hash = HMACSHA1.HashData(key, step);
#pragma warning restore CA5350
        int number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("000000");
    }
}

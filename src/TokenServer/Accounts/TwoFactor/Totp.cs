using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>Time-based one-time passwords: RFC 6238 with HMAC-SHA-1, 30 seconds and 6 digits, as authenticator apps have it.</summary>
internal static class Totp
{
    public const int Digits = 6;
    private const int Period = 30;

    /// <summary>The time step of <paramref name="time"/> (RFC 6238 section 4.2).</summary>
    public static long StepOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / Period;

    /// <summary>The code of one step (RFC 4226 section 5.3).</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8], hash = stackalloc byte[20];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // HMAC-SHA-1 is what RFC 6238's authenticators compute; HMAC does not rest on collisions.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        int number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[19] & 15)..]) & int.MaxValue;
        return (number % (int)Math.Pow(10, digits)).ToString(new string('0', digits));
    }

    /// <summary>The step around <paramref name="now"/>, one of drift to either side, whose code this is; null where there is none.</summary>
    public static long? Match(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        long? match = null;
        if (code.Length != Digits) return null;
        for (long step = StepOf(now) - 1; step <= StepOf(now) + 1; step++)
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(Code(secret, step)), System.Text.Encoding.UTF8.GetBytes(code))) match = step;
        return match;
    }
}

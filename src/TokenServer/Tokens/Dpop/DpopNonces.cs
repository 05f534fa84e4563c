using System.Buffers.Binary;
using TokenServer.Keys;
using TokenServer.Keys.Jose;

namespace TokenServer.Tokens.Dpop;

/// <summary>What the server gives to be signed in proofs (RFC 9449 section 8), so that none can be made long before it is used: a time and
/// its MAC, by a key that comes of the signing key. Nothing is stored, and every replica knows what another gave.</summary>
internal sealed class DpopNonces(KeyRing keys, TimeProvider clock)
{
    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    // From when on a newer one is given beside a good answer; and how far another replica's clock may be ahead of ours.
    private const int Old = 150, ClockSkew = 60;
    private const int TimeSize = 8, MacSize = 16;
    private volatile Made? last;

    /// <summary>The one to be used from now on.</summary>
    public string Next()
    {
        var (now, key) = (Now, keys.Active(SigningKey.ES256));
        if (last is { } made && made.Time == now && made.KeyId == key.KeyId) return made.Text;
        byte[] bytes = new byte[TimeSize + MacSize];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now);
        Mac(key, bytes.AsSpan(0, TimeSize), bytes.AsSpan(TimeSize));
        last = new(now, key.KeyId, Base64Url.EncodeToString(bytes));
        return last.Text;
    }

    /// <summary>What <paramref name="text"/> is worth now.</summary>
    public NonceAge AgeOf(string text)
    {
        Span<byte> bytes = stackalloc byte[TimeSize + MacSize], mac = stackalloc byte[MacSize];
        if (text.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out int length) || length != bytes.Length) return NonceAge.Over;
        long age = Now - BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (age < -ClockSkew || age > Lifetime.TotalSeconds) return NonceAge.Over;
        foreach (var key in keys.Keys)
        {
            if (key.Key.Algorithm != SigningKey.ES256) continue;
            Mac(key.Key, bytes[..TimeSize], mac);
            if (CryptographicOperations.FixedTimeEquals(mac, bytes[TimeSize..])) return age > Old ? NonceAge.Old : NonceAge.Fresh;
        }
        return NonceAge.Over;
    }

    /// <summary>When a nonce was given that is one of ours, UTC, to the second it ended with: no earlier than it was.</summary>
    public static DateTime GivenAt(string nonce) =>
        DateTime.UnixEpoch.AddSeconds(BinaryPrimitives.ReadInt64BigEndian(Base64Url.DecodeFromChars(nonce)) + 1);

    private static void Mac(SigningKey key, ReadOnlySpan<byte> time, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Derive("dpop nonce"u8), time, whole);
        whole[..MacSize].CopyTo(mac);
    }

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    private sealed record Made(long Time, string KeyId, string Text);
}

/// <summary>Fresh; Old: good, but a newer one should be used; Over: none of ours, or its time is over.</summary>
internal enum NonceAge { Fresh, Old, Over }

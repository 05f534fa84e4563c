namespace TokenServer.Accounts.TwoFactor;

/// <summary>Base 32 (RFC 4648 section 6), in which authenticator apps read a secret.</summary>
internal static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder((bytes.Length * 8 + 4) / 5);
        int bits = 0, held = 0;
        foreach (byte b in bytes)
        {
            held = (held << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5) text.Append(Alphabet[(held >> (bits - 5)) & 31]);
            held &= (1 << bits) - 1;
        }
        if (bits > 0) text.Append(Alphabet[(held << (5 - bits)) & 31]);
        return text.ToString();
    }

    /// <summary>The bytes of <paramref name="text"/>; case, spaces and padding are forgiven. Null where it is not base 32.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new List<byte>();
        int bits = 0, held = 0;
        foreach (char c in text.ToUpperInvariant())
        {
            if (c is ' ' or '=') continue;
            int value = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (value < 0) return null;
            held = ((held << 5) | value) & 0xFFF;
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            bytes.Add((byte)(held >> bits));
        }
        return [.. bytes];
    }
}

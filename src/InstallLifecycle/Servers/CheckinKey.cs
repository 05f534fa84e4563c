namespace InstallLifecycle.Servers;

/// <summary>The key of a check-in (contract section 5b): <c>ck_</c> and 43 base64url characters. The one that follows is made of it and
/// of a salt that only the server has: so the answer can be given again, though no key is stored, and who has the table alone has
/// none.</summary>
internal static class CheckinKey
{
    private const string Prefix = "ck_";
    private const int Size = 32, Length = 43;

    public static string Create() => Text(RandomNumberGenerator.GetBytes(Size));

    public static string CreateSalt() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));

    /// <summary>Whether <paramref name="text"/> has the form of one.</summary>
    public static bool Recognizes(string text) =>
        text.Length == Prefix.Length + Length && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Base64Url.IsValid(text.AsSpan(Prefix.Length));

    /// <summary>The key that follows <paramref name="used"/>.</summary>
    public static string After(string used, string salt) =>
        Text(HMACSHA256.HashData(Encoding.ASCII.GetBytes(used), Encoding.ASCII.GetBytes(salt)));

    /// <summary>What is stored of a key, and of what a check-in is known by.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether <paramref name="hash"/> is the stored one; takes the same time whatever differs.</summary>
    public static bool Matches(string hash, string? stored) =>
        stored is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(stored));

    private static string Text(byte[] bytes) => Prefix + Base64Url.EncodeToString(bytes);
}

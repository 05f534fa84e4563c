namespace TokenServer.Keys.Jose;

/// <summary>Reads a JWS in compact serialization (RFC 7515 section 7.1), to the letter: IdentityModel's reader takes padding and
/// white space, does not look at <c>crit</c>, and throws at what is no token.</summary>
internal static class JsonWebSignature
{
    private const int LongestToken = 8192;

    /// <summary>Splits a token into its parts; nothing is checked but their form. Null where it is no JWS of ours.</summary>
    public static Parts? Parse(string token) => ParseForeign(token) is { KeyId.Length: > 0, Type.Length: > 0 } parts ? parts : null;

    /// <summary>Splits a token that somebody else made, whose <c>kid</c> and <c>typ</c> may be missing: they are empty then. Null where it
    /// is no JWS.</summary>
    public static Parts? ParseForeign(string token)
    {
        if (token.Length > LongestToken) return null;
        int first = token.IndexOf('.'), second = first < 0 ? -1 : token.IndexOf('.', first + 1);
        if (second < 0 || token.IndexOf('.', second + 1) >= 0 || !Ascii.IsValid(token)) return null;
        if (Decode(token.AsSpan(0, first)) is not { } header || Decode(token.AsSpan(first + 1, second - first - 1)) is not { } payload
            || Decode(token.AsSpan(second + 1)) is not { } signature) return null;
        return ReadHeader(header) is var (algorithm, keyId, type)
            ? new Parts(algorithm, keyId, type, payload, Encoding.ASCII.GetBytes(token, 0, second), signature) { Header = header } : null;
    }

    /// <summary>What was signed, of a token whose header is known to the letter already. Null where the rest is no JWS's.</summary>
    /// <param name="token">The token.</param>
    /// <param name="header">How many characters its header has.</param>
    public static (byte[] Payload, byte[] Signed, byte[] Signature)? ParseBody(string token, int header)
    {
        int first = header + 1, second = token.Length > LongestToken ? -1 : token.IndexOf('.', first);
        if (second < 0 || token.IndexOf('.', second + 1) >= 0) return null;
        return Decode(token.AsSpan(first, second - first)) is { } payload && Decode(token.AsSpan(second + 1)) is { } signature
            ? (payload, Encoding.ASCII.GetBytes(token, 0, second), signature) : null;
    }

    // A "crit" names extensions that must be understood; none is (RFC 7515 section 4.1.11).
    private static (string Algorithm, string KeyId, string Type)? ReadHeader(byte[] header)
    {
        try
        {
            using var document = JsonDocument.Parse(header);
            var members = document.RootElement;
            if (members.ValueKind != JsonValueKind.Object || members.TryGetProperty("crit"u8, out _)) return null;
            return Text(members, "alg"u8) is { } algorithm
                ? (algorithm, Text(members, "kid"u8) ?? "", Text(members, "typ"u8) ?? "") : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text in it that is no Unicode.
            return null;
        }
    }

    private static string? Text(JsonElement members, ReadOnlySpan<byte> name) =>
        members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // The framework's decoder skips white space and padding, of which a JWS has none (RFC 7515 section 2):
    // then there are fewer bytes than characters make.
    private static byte[]? Decode(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return text.Length % 4 != 1 && Base64Url.DecodeFromChars(text, bytes, out int read, out int length) == OperationStatus.Done
            && read == text.Length && length == bytes.Length ? bytes : null;
    }

    /// <summary>The parts of a JWS: what its header says, its payload, what was signed, and the signature.</summary>
    internal sealed record Parts(string Algorithm, string KeyId, string Type, byte[] Payload, byte[] Signed, byte[] Signature)
    {
        /// <summary>The whole header, as JSON.</summary>
        public required byte[] Header { get; init; }
    }
}

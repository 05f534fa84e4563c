namespace TokenServer.Tokens.Dpop;

/// <summary>The claims of a proof (RFC 9449 section 4.2), those that must be there and those that may, each of its type.</summary>
internal sealed record ProofClaims(string Id, string Method, string Address, long IssuedAt)
{
    private const int LongestId = 200;

    /// <summary>What the server has given to be signed.</summary>
    public string? Nonce { get; private init; }

    /// <summary><c>ath</c>: the SHA-256 of the access token that goes along, base64url.</summary>
    public string? TokenHash { get; private init; }

    /// <summary>Unix seconds; a proof need not say it.</summary>
    public long? NotBefore { get; private init; }

    /// <inheritdoc cref="NotBefore"/>
    public long? ExpiresAt { get; private init; }

    /// <summary>The claims in <paramref name="json"/>, or what is wrong with them.</summary>
    public static (ProofClaims? Claims, string? Problem) Read(byte[] json)
    {
        try
        {
            if (ReadPlain(json) is { } plain) return (plain, null);
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : (null, Unreadable);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text in it that is no Unicode.
            return (null, Unreadable);
        }
    }

    private const string Unreadable = "its claims are not well-formed";
    private const long LatestTime = 253_402_300_799;

    // The claims of a proof that says what it must and nothing else, each once and of its type, as almost all do. Null for any other: what
    // is wrong with it, and whether it says something twice, the reader of any JSON finds out.
    private static ProofClaims? ReadPlain(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        string? id = null, method = null, address = null, nonce = null, hash = null;
        long? issuedAt = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isNew = reader.ValueTextEquals("jti"u8) ? Take(ref reader, ref id)
                : reader.ValueTextEquals("htm"u8) ? Take(ref reader, ref method)
                : reader.ValueTextEquals("htu"u8) ? Take(ref reader, ref address)
                : reader.ValueTextEquals("iat"u8) ? Take(ref reader, ref issuedAt)
                : reader.ValueTextEquals("nonce"u8) ? Take(ref reader, ref nonce)
                : reader.ValueTextEquals("ath"u8) && Take(ref reader, ref hash);
            if (!isNew) return null;
        }
        bool isWhole = reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        return isWhole && id is { Length: > 0 and <= LongestId } && method is not null && address is not null && issuedAt is { } time
            ? new(id, method, address, time) { Nonce = nonce, TokenHash = hash } : null;
    }

    private static bool Take(ref Utf8JsonReader reader, ref string? text)
    {
        if (text is not null || !reader.Read() || reader.TokenType != JsonTokenType.String) return false;
        text = reader.GetString();
        return true;
    }

    private static bool Take(ref Utf8JsonReader reader, ref long? time)
    {
        if (time is not null || !reader.Read() || reader.TokenType != JsonTokenType.Number) return false;
        if (!reader.TryGetDouble(out double seconds) || seconds is not (>= 0 and <= LatestTime)) return false;
        time = (long)seconds;
        return true;
    }

    private static (ProofClaims?, string?) Read(JsonElement claims)
    {
        if (Text(claims, "jti") is not { Length: > 0 and <= LongestId } id) return (null, $"its jti is not 1 to {LongestId} characters");
        if (Text(claims, "htm") is not { } method) return (null, "it has no htm");
        if (Text(claims, "htu") is not { } address) return (null, "it has no htu");
        if (Time(claims, "iat") is not { } issuedAt) return (null, "it has no iat");
        foreach (string name in (string[])["nonce", "ath"])
            if (claims.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.String)
                return (null, $"its {name} is no text");
        foreach (string name in (string[])["nbf", "exp"])
            if (claims.TryGetProperty(name, out _) && Time(claims, name) is null) return (null, $"its {name} is no time");
        return (new(id, method, address, issuedAt)
        {
            Nonce = Text(claims, "nonce"), TokenHash = Text(claims, "ath"),
            NotBefore = Time(claims, "nbf"), ExpiresAt = Time(claims, "exp"),
        }, null);
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // A NumericDate may have a fraction (RFC 7519 section 2).
    private static long? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out double seconds) && seconds is >= 0 and <= LatestTime ? (long)seconds : null;
}

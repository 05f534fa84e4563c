namespace TokenServer.Clients;

/// <summary>The claims of a client's assertion (RFC 7523 section 3), all that must be there, each of its type.</summary>
internal sealed record AssertionClaims(string Issuer, string Subject, string Id, string[] Audiences, long ExpiresAt)
{
    /// <summary>Unix seconds.</summary>
    public long? IssuedAt { get; private init; }

    /// <summary>Unix seconds.</summary>
    public long? NotBefore { get; private init; }

    /// <summary>The claims in <paramref name="json"/>; null where one is missing, there twice, or of another type.</summary>
    public static AssertionClaims? Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var claims = document.RootElement;
            if (claims.ValueKind != JsonValueKind.Object) return null;
            var (issuedAt, notBefore) = (Time(claims, "iat"), Time(claims, "nbf"));
            return Text(claims, "iss") is { } issuer && Text(claims, "sub") is { } subject && Text(claims, "jti") is { } id
                && Audience(claims) is { } audiences && Time(claims, "exp") is { } end && end > 0 && issuedAt != Wrong && notBefore != Wrong
                ? new(issuer, subject, id, audiences, end) { IssuedAt = issuedAt, NotBefore = notBefore } : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text in it that is no Unicode.
            return null;
        }
    }

    private const long Wrong = -1, LatestTime = 253_402_300_799;

    // A NumericDate may have a fraction (RFC 7519 section 2).
    private static long? Time(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double seconds) && seconds is >= 0 and <= LatestTime
            ? (long)seconds : Wrong;
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[]? Audience(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return [value.GetString()!];
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(a => a.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(a => a.GetString()!)] : null;
    }
}

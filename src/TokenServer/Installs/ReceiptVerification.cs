using InstallLifecycle;
using Microsoft.IdentityModel.Tokens;
using TokenServer.Keys.Jose;

namespace TokenServer.Installs;

/// <summary>Whether a text is a receipt (contract section 5b), by the keys of <c>/.well-known/install-receipt-keys</c> alone: no
/// network, no database.</summary>
internal static class ReceiptVerification
{
    /// <summary>What <paramref name="receipt"/> says, a JSON object, if a key of the set signed it; else why not.</summary>
    /// <param name="receipt">The JWT; white space around it is dropped.</param>
    /// <param name="keySet">A JWK set (RFC 7517).</param>
    public static (string? Claims, string? Problem) Verify(string receipt, string keySet)
    {
        var reading = Read(receipt, keySet);
        return (reading.Claims, reading.Problem);
    }

    /// <inheritdoc cref="Verify"/>
    public static ReceiptReading Read(string receipt, string keySet)
    {
        if (JsonWebSignature.Parse(receipt.Trim()) is not { } parts) return new(null, "this is no signed token");
        if (parts.Type != IInstallReceipts.Type || parts.Algorithm != SigningKey.ES256)
            return new(null, "this is a signed token, but no receipt of an install");
        var (key, revokedAt, problem) = FindKey(keySet, parts.KeyId);
        if (key is null) return new(null, problem);
        bool isGood;
        using (key)
            isGood = key.VerifyData(parts.Signed, parts.Signature, HashAlgorithmName.SHA256,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        if (!isGood) return new(null, "the signature is not that of its key: the receipt was altered, or is another's");
        // Whoever has the leaked key could have made it, whatever time it names.
        if (revokedAt is { } time)
            return new(null, $"its key was given up on {time:yyyy-MM-dd} because it had leaked: anybody may have made it. "
                + "Ask the server's administrator whether this install is known", time);
        return new(Encoding.UTF8.GetString(parts.Payload), null);
    }

    private static (ECDsa? Key, DateTimeOffset? RevokedAt, string Problem) FindKey(string keySet, string keyId)
    {
        try
        {
            using var document = JsonDocument.Parse(keySet);
            foreach (var member in document.RootElement.GetProperty("keys"u8).EnumerateArray())
            {
                if (!member.TryGetProperty("kid"u8, out var kid) || kid.GetString() != keyId) continue;
                DateTimeOffset? revokedAt = member.TryGetProperty("revoked"u8, out var revoked)
                    ? DateTimeOffset.FromUnixTimeSeconds(revoked.GetProperty("revoked_at"u8).GetInt64()) : null;
                return (ECDsa.Create(new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = Coordinate(member, "x"u8), Y = Coordinate(member, "y"u8) },
                }), revokedAt, "");
            }
            return (null, null, $"its key {keyId} is not among the keys");
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException)
        {
            return (null, null, "the keys are no JWK set as the server publishes it at /.well-known/install-receipt-keys");
        }
    }

    private static byte[] Coordinate(JsonElement key, ReadOnlySpan<byte> name) =>
        Base64UrlEncoder.DecodeBytes(key.GetProperty(name).GetString());
}

/// <summary>What a text is that may be a receipt.</summary>
/// <param name="Claims">What it says, a JSON object; null where it proves nothing.</param>
/// <param name="Problem">Why not; null where it does.</param>
/// <param name="KeyGivenUpAt">When its key was given up, because it had leaked; null where it was not.</param>
internal sealed record ReceiptReading(string? Claims, string? Problem, DateTimeOffset? KeyGivenUpAt = null);

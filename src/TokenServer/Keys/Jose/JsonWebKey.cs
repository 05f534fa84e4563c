namespace TokenServer.Keys.Jose;

/// <summary>Public keys as RFC 7517 writes them, and their RFC 7638 thumbprints.</summary>
internal static class JsonWebKey
{
    /// <summary>The members that a thumbprint covers, in the order it wants them (RFC 7638 section 3.2).</summary>
    public static byte[] Required(AsymmetricAlgorithm key) => Write(writer => WriteRequired(writer, key));

    /// <summary>The whole key as it stands in a JWK Set: the required members, <c>use</c>, <c>alg</c>, <c>kid</c>.</summary>
    public static byte[] Public(AsymmetricAlgorithm key, string algorithm, string keyId) => Write(writer =>
    {
        WriteRequired(writer, key);
        writer.WriteString("use"u8, "sig"u8);
        writer.WriteString("alg"u8, algorithm);
        writer.WriteString("kid"u8, keyId);
    });

    /// <summary>The SHA-256 thumbprint of a public key, base64url (RFC 7638).</summary>
    public static string Thumbprint(AsymmetricAlgorithm key) => Base64Url.EncodeToString(SHA256.HashData(Required(key)));

    private static void WriteRequired(Utf8JsonWriter writer, AsymmetricAlgorithm key)
    {
        switch (key)
        {
            case ECDsa ec:
                var point = ec.ExportParameters(false).Q;
                writer.WriteString("crv"u8, "P-256"u8);
                writer.WriteString("kty"u8, "EC"u8);
                writer.WriteString("x"u8, Base64Url.EncodeToUtf8(point.X));
                writer.WriteString("y"u8, Base64Url.EncodeToUtf8(point.Y));
                break;
            case RSA rsa:
                var numbers = rsa.ExportParameters(false);
                writer.WriteString("e"u8, Base64Url.EncodeToUtf8(numbers.Exponent));
                writer.WriteString("kty"u8, "RSA"u8);
                writer.WriteString("n"u8, Base64Url.EncodeToUtf8(numbers.Modulus));
                break;
            default:
                throw new ArgumentException("only P-256 and RSA keys are used here", nameof(key));
        }
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}

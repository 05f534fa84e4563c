namespace InstallLifecycle;

/// <summary>Port: the host's keys, with which receipts of installs are signed (contract section 5b).</summary>
public interface IInstallReceipts
{
    /// <summary>The <c>typ</c> of a receipt.</summary>
    public const string Type = "install-receipt+jwt";

    /// <summary>The public keys that may sign receipts, or may have: those in use, and those that will be.</summary>
    IReadOnlyList<ReceiptKey> Keys { get; }

    /// <summary>The issuer identifier.</summary>
    /// <param name="request">The request, where nothing else says what the server is called.</param>
    string Issuer(HttpRequest request);

    /// <summary>Signs a JWT of <see cref="Type"/> with ES256.</summary>
    /// <param name="payload">Its claims, a JSON object.</param>
    SignedReceipt Sign(string payload);
}

/// <summary>A public key.</summary>
/// <param name="KeyId">Its <c>kid</c>.</param>
/// <param name="Jwk">The key as a JWK (RFC 7517), with its <c>kid</c>.</param>
public sealed record ReceiptKey(string KeyId, string Jwk);

/// <summary>A signed receipt.</summary>
/// <param name="Text">The JWT.</param>
/// <param name="Key">The key that signed it.</param>
public sealed record SignedReceipt(string Text, ReceiptKey Key);

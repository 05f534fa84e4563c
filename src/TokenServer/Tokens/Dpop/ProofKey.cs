using Microsoft.IdentityModel.Tokens;
using TokenServer.Clients;
using TokenServer.Keys.Jose;

namespace TokenServer.Tokens.Dpop;

/// <summary>The public key that a proof carries in its header, and the algorithm it signs with (RFC 9449 section 4.2).</summary>
internal sealed class ProofKey
{
    /// <summary>What a proof may be signed with, the commonest first: as for clients' assertions, without the padding of PKCS #1 v1.5,
    /// which FAPI 2.0 section 5.4 does not take, and Ed25519 (RFC 8037).</summary>
    public static readonly IReadOnlyList<string> Algorithms = [.. By("ES"), .. Ed25519Provider.Names, .. By("PS")];

    // Keys of strangers are neither to push ours out of the framework's memory nor to stay in it.
    private static readonly CryptoProviderFactory factory =
        new() { CacheSignatureProviders = false, CustomCryptoProvider = new Ed25519Provider() };
    private readonly Lazy<SignatureProvider> provider;

    private ProofKey(JsonWebKey key, string algorithm)
    {
        // It imports the key, and has as many verify at a time as come; its handles go with it.
        (provider, Algorithm) = (new(() => factory.CreateForVerifying(key, algorithm)), algorithm);
        Thumbprint = ClientKeys.ThumbprintOf(key);
    }

    public string Algorithm { get; }

    /// <summary>The RFC 7638 SHA-256 thumbprint, base64url: what <c>cnf.jkt</c> says.</summary>
    public string Thumbprint { get; }

    /// <summary>Whether <paramref name="text"/> can be a thumbprint.</summary>
    public static bool IsThumbprint(string text) =>
        text.Length == 43 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The key in a header, or what is wrong with it.</summary>
    public static (ProofKey? Key, string? Problem) Read(JsonWebSignature.Parts parts)
    {
        if (!Algorithms.Contains(parts.Algorithm)) return (null, $"its alg is none of {string.Join(", ", Algorithms)}");
        try
        {
            using var document = JsonDocument.Parse(parts.Header, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (!document.RootElement.TryGetProperty("jwk"u8, out var jwk)) return (null, "its header has no jwk");
            if (ClientKeys.ProblemOfKey(jwk) is { } problem) return (null, $"its jwk {problem}");
            var key = ClientKeys.KeyOf(jwk);
            return ClientKeys.CanVerify(key, parts.Algorithm) ? (new(key, parts.Algorithm), null) : (null, "its jwk is no key of its alg");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            // A member that is there twice, or a text that is no Unicode.
            return (null, "its header is not well-formed");
        }
    }

    /// <summary>Whether <paramref name="signature"/> is this key's over <paramref name="signed"/>.</summary>
    public bool Verifies(byte[] signed, byte[] signature)
    {
        if (signature.Length == 0) return false;
        try
        {
            return provider.Value.Verify(signed, signature);
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException or InvalidOperationException or ArgumentException
            or FormatException)
        {
            return false;
        }
    }

    /// <summary>Gives back what a key holds that is not to be remembered.</summary>
    public void Release()
    {
        if (provider.IsValueCreated) factory.ReleaseSignatureProvider(provider.Value);
    }

    private static IEnumerable<string> By(string family) =>
        ClientKeys.Algorithms.Where(a => a.StartsWith(family, StringComparison.Ordinal));
}

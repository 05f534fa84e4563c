using Microsoft.Extensions.ObjectPool;
using Microsoft.IdentityModel.Tokens;

namespace TokenServer.Keys.Jose;

/// <summary>A private key that signs with ES256 or RS256 (RFC 7518 section 3), from any number of threads.</summary>
internal sealed class SigningKey
{
    public const string ES256 = "ES256", RS256 = "RS256";
    private readonly ObjectPool<AsymmetricAlgorithm> instances;
    private readonly ConcurrentDictionary<string, byte[]> headers = new();

    /// <param name="algorithm"><see cref="ES256"/> or <see cref="RS256"/>.</param>
    /// <param name="pkcs8">The private key as PKCS #8.</param>
    public SigningKey(string algorithm, byte[] pkcs8)
    {
        Algorithm = algorithm;
        instances = new DefaultObjectPool<AsymmetricAlgorithm>(new Import(algorithm, pkcs8));
        var key = instances.Get();
        KeyId = JsonWebKey.Thumbprint(key);
        PublicJwk = JsonWebKey.Public(key, algorithm, KeyId);
        SignatureSize = algorithm == ES256 ? 64 : key.KeySize / 8;
        SecurityKey shared = key is RSA rsa ? new RsaSecurityKey(rsa.ExportParameters(true)) : new ECDsaSecurityKey((ECDsa)key);
        shared.KeyId = KeyId;
        Credentials = new(shared, algorithm);
    }

    public string Algorithm { get; }

    /// <summary>The <c>kid</c>: the public key's RFC 7638 thumbprint.</summary>
    public string KeyId { get; }

    /// <summary>The public key as JSON, as it stands in the JWK Set.</summary>
    public byte[] PublicJwk { get; }

    /// <summary>The key as IdentityModel has it.</summary>
    public SigningCredentials Credentials { get; }

    /// <summary>Bytes of one signature.</summary>
    public int SignatureSize { get; }

    /// <summary>A new private key as PKCS #8: P-256 for ES256, RSA with 2048 bits for RS256.</summary>
    public static byte[] Generate(string algorithm)
    {
        using AsymmetricAlgorithm key = algorithm == ES256 ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        return key.ExportPkcs8PrivateKey();
    }

    /// <summary>The JOSE header with this key's <c>alg</c> and <c>kid</c>, base64url, and the dot after it.</summary>
    public ReadOnlySpan<byte> Header(string type) => headers.GetOrAdd(type, static (typ, key) =>
        [.. Base64Url.EncodeToUtf8(Encoding.ASCII.GetBytes($$"""{"alg":"{{key.Algorithm}}","kid":"{{key.KeyId}}","typ":"{{typ}}"}""")),
            (byte)'.'], this);

    /// <summary>Signs <paramref name="data"/> into <paramref name="signature"/>, which holds <see cref="SignatureSize"/> bytes.</summary>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        var key = instances.Get();
        try
        {
            if (key is ECDsa ec) ec.SignData(data, signature, HashAlgorithmName.SHA256);
            else ((RSA)key).SignData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            instances.Return(key);
        }
    }

    /// <summary>Whether <paramref name="signature"/> is this key's over <paramref name="data"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize) return false;
        var key = instances.Get();
        try
        {
            return key is ECDsa ec
                ? ec.VerifyData(data, signature, HashAlgorithmName.SHA256)
                : ((RSA)key).VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            instances.Return(key);
        }
    }

    private sealed class Import(string algorithm, byte[] pkcs8) : PooledObjectPolicy<AsymmetricAlgorithm>
    {
        public override AsymmetricAlgorithm Create()
        {
            AsymmetricAlgorithm key = algorithm == ES256 ? ECDsa.Create() : RSA.Create();
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            return key;
        }

        public override bool Return(AsymmetricAlgorithm obj) => true;
    }
}

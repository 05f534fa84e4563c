using Microsoft.IdentityModel.Tokens;

namespace TokenServer.Keys.Jose;

/// <summary>A private key that signs with ES256 or RS256 (RFC 7518 section 3), from any number of threads; IdentityModel does it.</summary>
internal sealed class SigningKey
{
    public const string ES256 = "ES256", RS256 = "RS256";
    private readonly byte[] seed;

    /// <param name="algorithm"><see cref="ES256"/> or <see cref="RS256"/>.</param>
    /// <param name="pkcs8">The private key as PKCS #8.</param>
    public SigningKey(string algorithm, byte[] pkcs8)
    {
        AsymmetricAlgorithm imported = algorithm == ES256 ? ECDsa.Create() : RSA.Create();
        imported.ImportPkcs8PrivateKey(pkcs8, out _);
        SecurityKey key = imported is RSA rsa ? new RsaSecurityKey(rsa.ExportParameters(true)) : new ECDsaSecurityKey((ECDsa)imported);
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        Credentials = new(key, algorithm);
        seed = HKDF.Extract(HashAlgorithmName.SHA256, pkcs8);
    }

    public string Algorithm => Credentials.Algorithm;

    /// <summary>The <c>kid</c>: the public key's RFC 7638 thumbprint.</summary>
    public string KeyId => Credentials.Key.KeyId;

    /// <summary>The key as IdentityModel has it.</summary>
    public SigningCredentials Credentials { get; }

    /// <summary>A secret of 32 bytes that comes of the private key and of what it is for (HKDF, RFC 5869): the same in every process that
    /// has the key, and it tells nothing of the key.</summary>
    public byte[] Derive(ReadOnlySpan<byte> purpose)
    {
        byte[] secret = new byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, seed, secret, purpose);
        return secret;
    }

    /// <summary>A new private key as PKCS #8: P-256 for ES256, RSA with 2048 bits for RS256.</summary>
    public static byte[] Generate(string algorithm)
    {
        using AsymmetricAlgorithm key = algorithm == ES256 ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        return key.ExportPkcs8PrivateKey();
    }

    /// <summary>Whether <paramref name="signature"/> is this key's over <paramref name="data"/>.</summary>
    public bool Verify(byte[] data, byte[] signature)
    {
        var provider = CryptoProviderFactory.Default.CreateForVerifying(Credentials.Key, Algorithm);
        try
        {
            return signature.Length > 0 && provider.Verify(data, signature);
        }
        finally
        {
            CryptoProviderFactory.Default.ReleaseSignatureProvider(provider);
        }
    }
}

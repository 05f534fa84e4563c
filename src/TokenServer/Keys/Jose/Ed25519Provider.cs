using Microsoft.IdentityModel.Tokens;
using NSec.Cryptography;

namespace TokenServer.Keys.Jose;

/// <summary>Has libsodium verify Ed25519 signatures (RFC 8037) of others' keys, which the framework and IdentityModel cannot.</summary>
internal sealed class Ed25519Provider : ICryptoProvider
{
    /// <summary>The kind of key, the curve, and the algorithm's name, which RFC 9864 took for <see cref="FormerName"/>.</summary>
    public const string KeyType = "OKP", Name = "Ed25519", FormerName = "EdDSA";

    /// <summary>The bytes of a public key.</summary>
    public const int KeySize = 32;

    /// <summary>What a JWS may call it.</summary>
    public static readonly string[] Names = [Name, FormerName];

    /// <summary>Whether these bytes are a public key.</summary>
    public static bool IsKey(byte[] point) => PublicKey.TryImport(SignatureAlgorithm.Ed25519, point, KeyBlobFormat.RawPublicKey, out _);

    public bool IsSupportedAlgorithm(string algorithm, params object[] args) => Names.Contains(algorithm);

    public object Create(string algorithm, params object[] args) => new Verifier((JsonWebKey)args[0], algorithm);

    public void Release(object cryptoInstance) => ((IDisposable)cryptoInstance).Dispose();

    private sealed class Verifier(JsonWebKey key, string algorithm) : SignatureProvider(key, algorithm)
    {
        private readonly PublicKey point =
            PublicKey.Import(SignatureAlgorithm.Ed25519, Base64UrlEncoder.DecodeBytes(key.X), KeyBlobFormat.RawPublicKey);

        public override bool Verify(byte[] input, byte[] signature) => SignatureAlgorithm.Ed25519.Verify(point, input, signature);

        public override byte[] Sign(byte[] input) => throw new NotSupportedException("It has public keys only.");

        protected override void Dispose(bool disposing)
        {
            // It holds nothing of the system's.
        }
    }
}

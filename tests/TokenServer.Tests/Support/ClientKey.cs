using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NSec.Cryptography;

namespace TokenServer.Tests.Support;

/// <summary>A client's key pair, and the assertions that it signs (RFC 7523), made with the framework's own cryptography, Ed25519 with libsodium.</summary>
internal sealed class ClientKey(string algorithm = "ES256", string? kid = "one")
{
    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static int made;
    // To find two primes takes a second at times: one pair serves all.
    private static readonly Lazy<RSAParameters> Rsa = new(() => RSA.Create(2048).ExportParameters(true));
    private readonly Key? edwards = algorithm is "Ed25519" or "EdDSA" ? NSec.Cryptography.Key.Create(SignatureAlgorithm.Ed25519) : null;
    private readonly AsymmetricAlgorithm? key = algorithm switch
    {
        "Ed25519" or "EdDSA" => null,
        "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256), "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        "ES512" => ECDsa.Create(ECCurve.NamedCurves.nistP521), _ => RSA.Create(Rsa.Value),
    };

    /// <summary>The framework's key; there is none for Ed25519.</summary>
    public AsymmetricAlgorithm Key => key!;

    /// <summary>The public key as a JWK.</summary>
    public Dictionary<string, object> Jwk
    {
        get
        {
            var jwk = new Dictionary<string, object>();
            if (kid is not null) jwk["kid"] = kid;
            if (edwards is not null)
            {
                (jwk["kty"], jwk["crv"], jwk["x"]) = ("OKP", "Ed25519", Base64Url.EncodeToString(edwards.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
                return jwk;
            }
            if (key is RSA rsa)
            {
                var p = rsa.ExportParameters(false);
                (jwk["kty"], jwk["n"], jwk["e"]) = ("RSA", Base64Url.EncodeToString(p.Modulus), Base64Url.EncodeToString(p.Exponent));
                return jwk;
            }
            var q = ((ECDsa)key!).ExportParameters(false).Q;
            (jwk["kty"], jwk["crv"]) = ("EC", algorithm switch { "ES256" => "P-256", "ES384" => "P-384", _ => "P-521" });
            (jwk["x"], jwk["y"]) = (Base64Url.EncodeToString(q.X), Base64Url.EncodeToString(q.Y));
            return jwk;
        }
    }

    /// <summary>A set of this key alone.</summary>
    public JsonElement Jwks => SetOf(this);

    public static JsonElement SetOf(params ClientKey[] keys) => JsonSerializer.SerializeToElement(new { keys = keys.Select(k => k.Jwk) });

    /// <summary>An assertion of <paramref name="client"/>; a member of <paramref name="claims"/> or <paramref name="header"/> replaces, null removes.</summary>
    public string Assert(TestServer server, string client, object? claims = null, object? header = null)
    {
        var said = new Dictionary<string, object?>
        {
            ["iss"] = client, ["sub"] = client, ["aud"] = server.Address, ["jti"] = "id " + Interlocked.Increment(ref made), ["exp"] = server.Clock.GetUtcNow().ToUnixTimeSeconds() + 60,
        };
        return AssertRaw(JsonSerializer.Serialize(Changed(said, claims)), header);
    }

    /// <summary>An assertion that says <paramref name="payload"/>.</summary>
    public string AssertRaw(string payload, object? header = null) => AssertRaw(Encoding.UTF8.GetBytes(payload), header);

    /// <inheritdoc cref="AssertRaw(string, object?)"/>
    public string AssertRaw(byte[] payload, object? header = null) =>
        Jwt.Make(JsonSerializer.SerializeToUtf8Bytes(Changed(new() { ["alg"] = algorithm, ["kid"] = kid }, header)), payload, Sign);

    /// <summary>The parameters that show <paramref name="assertion"/>.</summary>
    public static (string, string)[] Form(string assertion, params (string, string)[] more) =>
        [("client_assertion_type", AssertionType), ("client_assertion", assertion), .. more];

    private byte[] Sign(byte[] data)
    {
        if (edwards is not null) return SignatureAlgorithm.Ed25519.Sign(edwards, data);
        var hash = new HashAlgorithmName("SHA" + algorithm[2..]);
        return key is ECDsa ec ? ec.SignData(data, hash)
            : ((RSA)key!).SignData(data, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    private static Dictionary<string, object?> Changed(Dictionary<string, object?> members, object? changes)
    {
        if (changes is not null)
            foreach (var change in JsonSerializer.SerializeToElement(changes).EnumerateObject()) members[change.Name] = change.Value;
        return members.Where(m => m.Value is not (null or JsonElement { ValueKind: JsonValueKind.Null })).ToDictionary(m => m.Key, m => m.Value);
    }
}

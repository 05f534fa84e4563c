using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample;

/// <summary>Checks tokens offline against the published keys, as a resource server and as a relying party do.</summary>
internal sealed class TokenVerifier(JsonElement keySet, string issuer)
{
    /// <summary>The claims of an access token (RFC 9068 section 4).</summary>
    /// <exception cref="BrokenPromiseException">Something about it does not hold.</exception>
    public JsonElement AccessToken(string token, string audience) => Verify(token, "at+jwt", "ES256", audience);

    /// <summary>The claims of an id token (OpenID Connect Core section 3.1.3.7), which its <c>at_hash</c> ties to the access token beside it.</summary>
    /// <exception cref="BrokenPromiseException">Something about it does not hold.</exception>
    public JsonElement IdToken(string token, string audience, string accessToken)
    {
        var claims = Verify(token, "JWT", "RS256", audience);
        string half = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));
        Promise.Holds(claims.Text("at_hash") == half, "at_hash is the access token's");
        return claims;
    }

    private JsonElement Verify(string token, string type, string algorithm, string audience)
    {
        string[] parts = token.Split('.');
        Promise.Holds(parts.Length == 3, "a token has three parts");
        var header = Decode(parts[0]);
        Promise.Holds(header.Text("typ") == type, $"typ is {type}");
        Promise.Holds(header.Text("alg") == algorithm, $"alg is {algorithm}");
        var key = keySet.GetProperty("keys").EnumerateArray().Single(k => k.Text("kid") == header.Text("kid"));
        Promise.Holds(key.Text("alg") == algorithm && key.Text("use") == "sig", "the key is for this algorithm");
        Promise.Holds(IsSigned(key, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2])), "the signature holds");

        var claims = Decode(parts[1]);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Promise.Holds(claims.Text("iss") == issuer, $"iss is {issuer}");
        Promise.Holds(claims.Text("aud") == audience, $"aud is {audience}");
        Promise.Holds(claims.GetProperty("exp").GetInt64() > now, "it has not expired");
        return claims;
    }

    private static bool IsSigned(JsonElement key, byte[] signed, byte[] signature)
    {
        if (key.Text("kty") == "EC")
        {
            using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } });
            return ec.VerifyData(signed, signature, HashAlgorithmName.SHA256);
        }
        using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") });
        return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static byte[] Bytes(JsonElement key, string member) => Base64Url.DecodeFromChars(key.Text(member));

    private static JsonElement Decode(string part) => JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement;
}

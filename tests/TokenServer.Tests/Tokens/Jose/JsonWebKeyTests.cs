using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TokenServer.Keys.Jose;

namespace TokenServer.Tests.Tokens.Jose;

/// <summary>Keys as RFC 7517 writes them, and RFC 7638's thumbprint.</summary>
public sealed class JsonWebKeyTests
{
    [Fact]
    public void The_thumbprint_of_RFC_7638s_key_is_the_one_it_prints() =>
        JsonWebKey.Thumbprint(RsaKey()).Should().Be("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

    [Fact]
    public void The_required_members_of_RFC_7517s_RSA_key_are_written_to_the_letter() =>
        Encoding.UTF8.GetString(JsonWebKey.Required(RsaKey())).Should().Be($$"""{"e":"AQAB","kty":"RSA","n":"{{RfcVectors.Modulus}}"}""");

    [Fact]
    public void The_required_members_of_RFC_7517s_EC_key_are_written_to_the_letter() =>
        Encoding.UTF8.GetString(JsonWebKey.Required(EcKey())).Should().Be($$"""{"crv":"P-256","kty":"EC","x":"{{RfcVectors.X}}","y":"{{RfcVectors.Y}}"}""");

    [Fact]
    public void A_published_key_has_use_alg_and_kid_and_nothing_private()
    {
        using var jwk = JsonDocument.Parse(new SigningKey(SigningKey.RS256, RfcVectors.Rs256Key()).PublicJwk);
        jwk.RootElement.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo("kty", "n", "e", "use", "alg", "kid");
        jwk.RootElement.GetProperty("use").GetString().Should().Be("sig");
        jwk.RootElement.GetProperty("alg").GetString().Should().Be("RS256");
    }

    [Fact]
    public void The_kid_is_the_thumbprint()
    {
        var key = new SigningKey(SigningKey.ES256, RfcVectors.Es256Key());
        using var public_ = ECDsa.Create();
        public_.ImportPkcs8PrivateKey(RfcVectors.Es256Key(), out _);
        key.KeyId.Should().Be(JsonWebKey.Thumbprint(public_));
    }

    // RFC 7518 section 6.2.1.2: x and y have the full size of the curve, leading zeros too.
    [Fact]
    public void A_coordinate_with_leading_zeros_keeps_its_32_bytes()
    {
        for (int i = 0; i < 2000; i++)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            if (key.ExportParameters(false).Q.X![0] != 0) continue;
            using var jwk = JsonDocument.Parse(JsonWebKey.Required(key));
            jwk.RootElement.GetProperty("x").GetString().Should().HaveLength(43).And.StartWith("A");
            return;
        }
    }

    private static RSA RsaKey() => RSA.Create(new RSAParameters { Modulus = RfcVectors.Bytes(RfcVectors.Modulus), Exponent = [1, 0, 1] });

    private static ECDsa EcKey() => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = RfcVectors.Bytes(RfcVectors.X), Y = RfcVectors.Bytes(RfcVectors.Y) },
    });
}

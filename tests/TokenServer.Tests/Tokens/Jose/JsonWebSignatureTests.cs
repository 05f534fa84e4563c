using System.Buffers.Text;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using TokenServer.Keys.Jose;

namespace TokenServer.Tests.Tokens.Jose;

/// <summary>What is taken for a JWS in compact serialization (RFC 7515 sections 3.1, 4.1.11 and 7.1), and what is not.</summary>
public sealed class JsonWebSignatureTests
{
    private const string Header = """{"alg":"ES256","kid":"k","typ":"at+jwt"}""";

    [Fact]
    public void What_was_signed_parses_into_its_parts_and_verifies()
    {
        var key = new SigningKey(SigningKey.ES256, RfcVectors.Es256Key());
        string token = new JsonWebTokenHandler().CreateToken("{}", key.Credentials, new Dictionary<string, object> { ["typ"] = "at+jwt" });
        var parts = JsonWebSignature.Parse(token)!;
        (parts.Algorithm, parts.KeyId, parts.Type).Should().Be(("ES256", key.KeyId, "at+jwt"));
        parts.Payload.Should().Equal("{}"u8.ToArray());
        key.Verify(parts.Signed, parts.Signature).Should().BeTrue();
    }

    [Fact]
    public void A_plain_token_is_parsed() => JsonWebSignature.Parse(Token(Header)).Should().NotBeNull();

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9")]
    public void Fragments_are_none(string token) => JsonWebSignature.Parse(token).Should().BeNull();

    [Fact]
    public void Two_or_four_parts_are_none()
    {
        string token = Token(Header);
        JsonWebSignature.Parse(token[..token.LastIndexOf('.')]).Should().BeNull();
        JsonWebSignature.Parse(token + ".AAAA").Should().BeNull();
        JsonWebSignature.Parse(token + ".").Should().BeNull();
    }

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"at+jwt","crit":["exp"],"exp":1}""")]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"at+jwt","crit":[]}""")]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"at+jwt","crit":null}""")]
    [InlineData("""{"alg":"ES256","kid":"k"}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt"}""")]
    [InlineData("""{"kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":1,"kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"ES256","kid":["k"],"typ":"at+jwt"}""")]
    [InlineData("""[{"alg":"ES256","kid":"k","typ":"at+jwt"}]""")]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"at+jwt"}}""")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("")]
    public void A_header_that_is_not_ours_makes_it_none(string header) => JsonWebSignature.Parse(Token(header)).Should().BeNull();

    [Theory]
    [InlineData('+')]
    [InlineData('/')]
    [InlineData('=')]
    [InlineData(' ')]
    [InlineData('\n')]
    [InlineData('\u00E9')]
    [InlineData('\0')]
    public void A_character_that_is_not_base64url_makes_it_none_in_every_part(char wrong)
    {
        string[] parts = Token(Header).Split('.');
        for (int i = 0; i < 3; i++)
        {
            string[] changed = [.. parts];
            changed[i] = parts[i][..^1] + wrong + parts[i][^1];
            JsonWebSignature.Parse(string.Join('.', changed)).Should().BeNull();
            changed[i] = parts[i] + wrong;
            JsonWebSignature.Parse(string.Join('.', changed)).Should().BeNull();
        }
    }

    [Fact]
    public void A_length_that_base64url_cannot_have_makes_it_none() => JsonWebSignature.Parse(Token(Header) + "AAA").Should().BeNull();

    [Fact]
    public void A_last_character_with_spare_bits_set_makes_it_none()
    {
        // "AA" and "AB" are one byte each to a lenient reader: one token could be written in several ways.
        string token = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header))}.e30.A";
        JsonWebSignature.Parse(token + "A").Should().NotBeNull();
        JsonWebSignature.Parse(token + "B").Should().BeNull();
    }

    [Fact]
    public void More_than_8_KB_is_none()
    {
        string head = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header)) + ".e30.";
        JsonWebSignature.Parse(head + new string('A', 8192 - head.Length - (8192 - head.Length) % 4)).Should().NotBeNull();
        JsonWebSignature.Parse(head + new string('A', 8196 - head.Length - (8192 - head.Length) % 4)).Should().BeNull();
    }

    private static string Token(string header) => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString("{}"u8)}.{Base64Url.EncodeToString(new byte[64])}";
}

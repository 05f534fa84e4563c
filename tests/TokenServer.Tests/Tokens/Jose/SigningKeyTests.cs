using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TokenServer.Keys.Jose;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Tokens.Jose;

/// <summary>RS256 and ES256 by the vectors of RFC 7515 appendix A.</summary>
public sealed class SigningKeyTests
{
    [Fact]
    public void RS256_signs_the_RFCs_example_to_the_letter()
    {
        var key = new SigningKey(SigningKey.RS256, RfcVectors.Rs256Key());
        Base64Url.EncodeToString(Jwt.Sign(key, Encoding.ASCII.GetBytes(RfcVectors.Rs256Input))).Should().Be(RfcVectors.Rs256Signature);
    }

    [Theory]
    [InlineData(SigningKey.RS256)]
    [InlineData(SigningKey.ES256)]
    public void The_RFCs_signature_verifies_and_not_over_anything_else(string algorithm)
    {
        var (key, input, signature) = Example(algorithm);
        key.Verify(input, signature).Should().BeTrue();
        input[^1] ^= 1;
        key.Verify(input, signature).Should().BeFalse();
    }

    [Theory]
    [InlineData(SigningKey.RS256)]
    [InlineData(SigningKey.ES256)]
    public void A_changed_cut_or_lengthened_signature_does_not_verify(string algorithm)
    {
        var (key, input, signature) = Example(algorithm);
        key.Verify(input, signature[..^1]).Should().BeFalse();
        key.Verify(input, [.. signature, 0]).Should().BeFalse();
        key.Verify(input, []).Should().BeFalse();
        signature[5] ^= 1;
        key.Verify(input, signature).Should().BeFalse();
    }

    [Fact]
    public void An_ES256_signature_of_zeros_does_not_verify()
    {
        var (key, input, _) = Example(SigningKey.ES256);
        key.Verify(input, new byte[64]).Should().BeFalse();
    }

    [Theory]
    [InlineData(SigningKey.RS256)]
    [InlineData(SigningKey.ES256)]
    public void A_new_key_verifies_what_it_signed_from_many_threads(string algorithm)
    {
        var key = new SigningKey(algorithm, SigningKey.Generate(algorithm));
        Parallel.For(0, 100, i =>
        {
            byte[] data = BitConverter.GetBytes(i);
            key.Verify(data, Jwt.Sign(key, data)).Should().BeTrue();
        });
    }

    [Fact]
    public void The_kid_is_RFC_7638s_thumbprint()
    {
        // The key of RFC 7515 appendix A.3; its members in RFC 7638's order, by hand.
        string members = $$"""{"crv":"P-256","kty":"EC","x":"{{RfcVectors.X}}","y":"{{RfcVectors.Y}}"}""";
        new SigningKey(SigningKey.ES256, RfcVectors.Es256Key()).KeyId.Should()
            .Be(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(members))));
    }

    private static (SigningKey Key, byte[] Input, byte[] Signature) Example(string algorithm) => algorithm == SigningKey.RS256
        ? (new(algorithm, RfcVectors.Rs256Key()), Encoding.ASCII.GetBytes(RfcVectors.Rs256Input), RfcVectors.Bytes(RfcVectors.Rs256Signature))
        : (new(algorithm, RfcVectors.Es256Key()), Encoding.ASCII.GetBytes(RfcVectors.Es256Input), RfcVectors.Bytes(RfcVectors.Es256Signature));
}

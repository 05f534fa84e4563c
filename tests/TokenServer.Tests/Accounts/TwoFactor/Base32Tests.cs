using System.Text;
using TokenServer.Accounts.TwoFactor;

namespace TokenServer.Tests.Accounts.TwoFactor;

/// <summary>RFC 4648 section 10's vectors, both ways.</summary>
public sealed class Base32Tests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void The_RFCs_vectors_hold_both_ways(string text, string base32)
    {
        Base32.Encode(Encoding.ASCII.GetBytes(text)).Should().Be(base32);
        Base32.Decode(base32).Should().Equal(Encoding.ASCII.GetBytes(text));
    }

    [Theory]
    [InlineData("MZXW6YTBOI======")]
    [InlineData("mzxw6ytboi")]
    [InlineData("MZXW 6YTB OI")]
    public void Padding_case_and_spaces_are_forgiven(string base32) => Base32.Decode(base32).Should().Equal("foobar"u8.ToArray());

    [Theory]
    [InlineData("MZXW6YTB0I")]
    [InlineData("MZXW6YTB1I")]
    [InlineData("MZXW-6YTB")]
    [InlineData("MZXW6YTBé")]
    public void What_is_not_base_32_is_none(string text) => Base32.Decode(text).Should().BeNull();

    [Fact]
    public void Every_byte_survives_both_ways()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        for (int length = 0; length <= all.Length; length++) Base32.Decode(Base32.Encode(all.AsSpan(0, length))).Should().Equal(all[..length]);
    }
}

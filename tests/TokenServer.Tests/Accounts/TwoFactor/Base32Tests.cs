using System.Text;
using OtpNet;
using TokenServer.Accounts.TwoFactor;

namespace TokenServer.Tests.Accounts.TwoFactor;

/// <summary>RFC 4648 section 10's vectors, both ways, and how a secret is read.</summary>
public sealed class Base32Tests
{
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void The_RFCs_vectors_hold_both_ways(string text, string base32)
    {
        Base32Encoding.ToString(Encoding.ASCII.GetBytes(text)).TrimEnd('=').Should().Be(base32);
        Enrolment.Read(base32).Should().Equal(Encoding.ASCII.GetBytes(text));
    }

    [Theory]
    [InlineData("MZXW6YTBOI======")]
    [InlineData("mzxw6ytboi")]
    [InlineData("MZXW 6YTB OI")]
    public void Padding_case_and_spaces_are_forgiven(string base32) => Enrolment.Read(base32).Should().Equal("foobar"u8.ToArray());

    [Theory]
    [InlineData("MZXW6YTB0I")]
    [InlineData("MZXW6YTB1I")]
    [InlineData("MZXW-6YTB")]
    [InlineData("MZXW6YTBé")]
    [InlineData("MZXW6YTB\u0130")]
    [InlineData("\t")]
    [InlineData("")]
    [InlineData(" = ")]
    public void What_is_not_base_32_is_none(string text) => Enrolment.Read(text).Should().BeNull();

    [Fact]
    public void Every_byte_survives_both_ways()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        for (int length = 1; length <= all.Length; length++) Enrolment.Read(Base32Encoding.ToString(all[..length])).Should().Equal(all[..length]);
    }
}

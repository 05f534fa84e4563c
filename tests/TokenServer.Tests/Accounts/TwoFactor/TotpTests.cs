using OtpNet;
using TokenServer.Accounts.TwoFactor;

namespace TokenServer.Tests.Accounts.TwoFactor;

/// <summary>RFC 6238's and RFC 4226's own vectors, and the drift that is forgiven.</summary>
public sealed class TotpTests
{
    private static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void The_codes_are_those_of_RFC_6238_appendix_B(long seconds, string code)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(seconds);
        new Totp(Secret, totpSize: 8).ComputeTotp(at.UtcDateTime).Should().Be(code);
        // Six digits of a number are the end of its eight.
        SecondFactor.StepOf(Secret, code[2..], at).Should().Be(seconds / 30);
    }

    [Theory]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(2, "359152")]
    [InlineData(3, "969429")]
    [InlineData(4, "338314")]
    [InlineData(5, "254676")]
    [InlineData(6, "287922")]
    [InlineData(7, "162583")]
    [InlineData(8, "399871")]
    [InlineData(9, "520489")]
    public void The_codes_are_those_of_RFC_4226_appendix_D(long count, string code) =>
        SecondFactor.StepOf(Secret, code, DateTimeOffset.FromUnixTimeSeconds(count * 30)).Should().Be(count);

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void One_step_of_drift_is_forgiven(int drift, bool accepted)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1234567890);
        string code = new Totp(Secret).ComputeTotp(now.UtcDateTime.AddSeconds(30 * drift));
        SecondFactor.StepOf(Secret, code, now).Should().Be(accepted ? (1234567890 / 30) + drift : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00592")]
    [InlineData("0059240")]
    [InlineData("00592é")]
    [InlineData("٠٠٥٩٢٤")]
    public void What_is_not_six_digits_matches_nothing(string code) =>
        SecondFactor.StepOf(Secret, code, DateTimeOffset.FromUnixTimeSeconds(1234567890)).Should().BeNull();
}

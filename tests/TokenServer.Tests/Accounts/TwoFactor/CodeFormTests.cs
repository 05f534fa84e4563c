using TokenServer.Tests.Support;

namespace TokenServer.Tests.Accounts.TwoFactor;

/// <summary>Codes as apps show them and people copy them (contract section 1).</summary>
public sealed class CodeFormTests
{
    private static readonly Door Account = Door.Account;

    [Theory]
    [InlineData("{0} {1}")]
    [InlineData("{0}\u00A0{1}")]
    [InlineData("{0}\u2009{1}\n")]
    [InlineData("\u200B{0}{1}\uFEFF")]
    [InlineData(" {0}\t{1} ")]
    public async Task Blanks_in_a_TOTP_code_are_forgiven_everywhere(string form)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        foreach (string door in Door.All)
        {
            string code = server.TotpCode(), shown = string.Format(form, code[..3], code[3..]);
            (await ((Door)door).VerifyAsync(server, await ((Door)door).TempTokenAsync(server), shown)).Status.Should().Be(200, door);
            server.Clock.Advance(TimeSpan.FromSeconds(30));
        }
        // It counts for no lockout, and works once.
        string used = server.TotpCode(-1);
        Account.ExpectWrongCode(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), string.Format(form, used[..3], used[3..])));
    }

    [Theory]
    [InlineData("{0}x{1}")]
    [InlineData("{0}.{1}")]
    [InlineData("{0}0{1}")]
    public async Task What_is_no_blank_is_not(string form)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string code = server.TotpCode();
        Account.ExpectWrongCode(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), string.Format(form, code[..3], code[3..])));
    }

    [Fact]
    public async Task A_second_factor_is_enabled_with_a_code_as_the_app_shows_it()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string session = await Account.TokenAsync(server), secret = (await server.CallAsync("POST", "/api/v1/auth/2fa/setup", session))["secret"]!;
        string code = Authenticator.Code(secret, server.Clock.GetUtcNow());
        (await server.CallAsync("POST", "/api/v1/auth/2fa/enable", session, new { code = $"{code[..3]} {code[3..]}" })).Status.Should().Be(200);
    }

    public static TheoryData<string> Spellings => ["upper", "look-alikes", "upper look-alikes", "\u2010", "\u2011", "\u2013", "\u2014", "\u2015", "\u2212", "\u00A0", "\u200B", " \u2013 ", "\r\n", ""];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task A_recovery_code_is_understood_as_people_copy_it(string how)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string[] codes = await EnrolAsync(server);
        string code = codes.FirstOrDefault(c => c.Contains('0', StringComparison.Ordinal) || c.Contains('1', StringComparison.Ordinal)) ?? codes[0];
        string typed = how switch
        {
            "upper" => code.ToUpperInvariant(),
            "look-alikes" => code.Replace('0', 'o').Replace('1', 'l'),
            "upper look-alikes" => code.ToUpperInvariant().Replace('0', 'O').Replace('1', 'I'),
            _ => code.Replace("-", how),
        };
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server, "bob"), typed)).Status.Should().Be(200);
        Account.ExpectWrongCode(await Account.VerifyAsync(server, await Account.TempTokenAsync(server, "bob"), code));
    }

    private static async Task<string[]> EnrolAsync(TestServer server)
    {
        string session = await Account.TokenAsync(server), secret = (await server.CallAsync("POST", "/api/v1/auth/2fa/setup", session))["secret"]!;
        var enabled = await server.CallAsync("POST", "/api/v1/auth/2fa/enable", session, new { code = Authenticator.Code(secret, server.Clock.GetUtcNow()) });
        return [.. enabled.Json.GetProperty("recovery_codes").EnumerateArray().Select(c => c.GetString()!)];
    }
}

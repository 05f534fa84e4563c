using System.Text;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Codes;

/// <summary>The form of codes, how they are typed, how they are kept, how long they live (contract section 5, "Codes").</summary>
public sealed class InstallCodeTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task Each_code_is_another_of_the_same_form()
    {
        string[] codes = [.. (await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.IssueAsync()))).Select(a => a.Text("install_code"))];
        codes.Should().OnlyHaveUniqueItems().And.OnlyContain(c => System.Text.RegularExpressions.Regex.IsMatch(c, "^IPT-SD(-[0-9A-HJKMNP-TV-Z]{6}){3}$"));
    }

    public static TheoryData<string> Spellings() => ["lower", "no dashes", "spaces", "dashes anywhere", "look-alikes", "lower look-alikes", "around", "prefix look-alike", "a line break",
        "\u2010", "\u2013", "\u2014", "\u2015", "\u2212", "\u00A0", "\u200B", "\u2060", "\uFEFF", "-\u200D", "\r", "a trailing CR"];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task A_code_is_understood_as_people_type_it(string how)
    {
        var issued = await WithLookAlikesAsync();
        var typed = new Install(host, Spell(issued.Code, how), issued.Machine);
        typed.Code.Should().NotBe(issued.Code);
        (await typed.PrecheckedAsync()).PrecheckToken.Should().NotBeEmpty();
        (await typed.PrecheckAsync()).Text("install_code").Should().Be(issued.Code);
        (await typed.PrecheckAsync()).Text("install_code_hint").Should().Be($"{issued.Code[..11]}...{issued.Code[^6..]}");
        (await typed.ActivateAsync()).Text("install_code").Should().Be(issued.Code);
    }

    [Theory]
    [InlineData("IPT-SD-UUUUUU-UUUUUU-UUUUUU")]
    [InlineData("IPT-SD-AAAAAA-AAAAAA-AAAAAU")]
    [InlineData("IPT-SD-AAAAAA-AAAAAA-AAAAA")]
    [InlineData("IPT-SD-AAAAAA-AAAAAA-AAAAAAA")]
    [InlineData("AAAAAA-AAAAAA-AAAAAA")]
    [InlineData("IPT-SX-AAAAAA-AAAAAA-AAAAAA")]
    [InlineData("IPT_SD_AAAAAA_AAAAAA_AAAAAA")]
    [InlineData("IPT-SD-AAAAAA-AAAAAA-AAAAA*")]
    [InlineData("----")]
    [InlineData(" ")]
    [InlineData("IPT-SD-ÁAAAAA-AAAAAA-AAAAAA")]
    [InlineData("' OR '1'='1")]
    public async Task What_is_no_code_is_as_a_code_that_does_not_exist(string text)
    {
        var install = new Install(host, text, TestMachine.Any()) { PrecheckToken = "x" };
        (await install.PrecheckAsync()).ShouldFail(404, "install_code_invalid");
        (await install.ActivateAsync()).ShouldFail(404, "install_code_invalid");
    }

    [Fact]
    public async Task A_letter_of_another_alphabet_stands_for_none()
    {
        // The long s, whose capital is S.
        var issued = await FirstAsync(code => code[7..].Contains('S', StringComparison.Ordinal));
        string typed = issued.Code[..7] + issued.Code[7..].Replace('S', 'ſ');
        (await new Install(host, typed, issued.Machine).PrecheckAsync()).ShouldFail(404, "install_code_invalid");
    }

    [Fact]
    public async Task The_database_holds_no_code_and_no_token()
    {
        await using var own = await TestHost.StartAsync();
        var install = await own.ActivatedAsync();
        string server = (await install.RegisteredAsync()).Token;
        await own.StopAsync();
        string everything = own.Everything();
        everything.Should().Contain(install.ActivationId).And.Contain(install.Machine.MachineId);
        string digits = install.Code[7..];
        foreach (string secret in (string[])[install.Code, digits, digits.Replace("-", ""), digits[7..13], install.PrecheckToken, install.InstallToken, server, server[3..]])
            everything.Should().NotContainEquivalentOf(secret);
        everything.Should().NotContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(install.Code))), "an unkeyed hash could be searched");
    }

    [Theory]
    [InlineData(299.999, "200")]
    [InlineData(300, "410 install_code_expired")]
    public async Task An_issued_code_lives_five_minutes(double seconds, string expected)
    {
        var install = await host.IssuedAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        (await install.PrecheckAsync()).Outcome.Should().Be(expected);
    }

    [Theory]
    [InlineData(4.9, 599, "200")]
    [InlineData(4.9, 600, "410 install_code_expired")]
    public async Task A_prechecked_code_lives_as_long_as_its_token(double minutesUnused, int seconds, string expected)
    {
        var install = await host.IssuedAsync();
        host.Clock.AdvanceMinutes(minutesUnused);
        await install.PrecheckedAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        (await install.ActivateAsync()).Outcome.Should().Be(expected);
    }

    [Fact]
    public async Task A_code_that_lives_longer_than_its_token_keeps_its_time()
    {
        await using var own = await TestHost.StartAsync(Limits.Only((o, _) => o.CodeLifetime = TimeSpan.FromHours(1)));
        var install = await own.PrecheckedAsync();
        own.Clock.AdvanceMinutes(59);
        (await install.PrecheckAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task An_expired_code_is_not_brought_back_by_a_precheck()
    {
        var install = await host.IssuedAsync();
        host.Clock.AdvanceMinutes(5);
        await install.PrecheckAsync();
        host.Storage.Read(db => db.Codes.Single(c => c.Id == install.CodeId()).Status).Should().Be(CodeRow.Issued);
        (await install.PrecheckAsync()).Outcome.Should().Be("410 install_code_expired");
    }

    private Task<Install> WithLookAlikesAsync() => FirstAsync(code => code[7..].Contains('0', StringComparison.Ordinal) && code[7..].Contains('1', StringComparison.Ordinal));

    private async Task<Install> FirstAsync(Func<string, bool> isWanted)
    {
        while (true)
        {
            var install = await host.IssuedAsync();
            if (isWanted(install.Code)) return install;
        }
    }

    private static string Spell(string code, string how) => how switch
    {
        "lower" => code.ToLowerInvariant(),
        "no dashes" => code.Replace("-", ""),
        "spaces" => code.Replace('-', ' '),
        "dashes anywhere" => string.Join('-', code.Replace("-", "").AsEnumerable()),
        "look-alikes" => code[..7] + code[7..].Replace('0', 'O').Replace('1', 'I'),
        "lower look-alikes" => code[..7] + code[7..].Replace('0', 'o').Replace('1', 'l'),
        "a trailing CR" => code + "\r",
        "around" => $" \t{code} ",
        "prefix look-alike" => "1pt-sd-" + code[7..],
        "a line break" => code.Insert(13, "\r\n"),
        _ => code.Replace("-", how),
    };
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using InstallLifecycle.Tests.Support;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Tests.Tokens;

/// <summary>Precheck and install tokens: what they are, and what is none (contract section 5; RFC 8725).</summary>
public sealed class InstallTokenTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string NoPrecheck = "401 precheck_token_invalid", NoInstall = "401 install_token_invalid";
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task Their_headers_tell_them_apart()
    {
        var install = await host.ActivatedAsync();
        foreach (var (token, type) in new[] { (install.PrecheckToken, "precheck+jwt"), (install.InstallToken, "install+jwt") })
        {
            var header = System.Text.Json.JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[0])).RootElement;
            (header.Text("alg"), header.Text("typ")).Should().Be(("HS256", type));
        }
    }

    [Fact]
    public async Task They_say_whom_they_are_for_and_for_how_long()
    {
        var install = await host.ActivatedAsync();
        foreach (var (token, subject) in new[] { (install.PrecheckToken, install.Machine.MachineId), (install.InstallToken, install.ActivationId) })
        {
            var claims = Install.Claims(token);
            (claims.Text("sub"), claims.Text("aud")).Should().Be((subject, "install"));
            (claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64()).Should().Be(600);
            claims.Text("jti").Should().NotBeEmpty();
        }
    }

    [Fact]
    public async Task No_code_is_in_them()
    {
        var install = await host.ActivatedAsync();
        (Install.Claims(install.PrecheckToken).ToString() + Install.Claims(install.InstallToken)).Should().NotContain(install.Code).And.NotContain(install.Code[7..13]);
    }

    [Fact]
    public async Task An_install_token_is_no_precheck_token_and_the_reverse()
    {
        var install = await host.ActivatedAsync();
        (await install.ConfirmAsync(install.PrecheckToken)).Outcome.Should().Be(NoInstall);
        (await install.RegisterAsync(token: install.PrecheckToken)).Outcome.Should().Be(NoInstall);
        (await install.ActivateAsync(token: install.InstallToken)).Outcome.Should().Be(NoPrecheck);
    }

    [Fact]
    public async Task Another_activations_token_is_invalid()
    {
        Install one = await host.ActivatedAsync(), other = await host.ActivatedAsync();
        (await one.ConfirmAsync(other.InstallToken)).Outcome.Should().Be(NoInstall);
        (await one.RegisterAsync(token: other.InstallToken)).Outcome.Should().Be("409 machine_mismatch");
    }

    [Fact]
    public async Task Another_activations_token_is_invalid_even_if_it_has_expired()
    {
        var other = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(10);
        (await (await host.ActivatedAsync()).ConfirmAsync(other.InstallToken)).Outcome.Should().Be(NoInstall);
    }

    public static TheoryData<string> Forgeries() =>
    [
        "alg none", "alg none without a signature", "alg None", "HS256 with another key", "HS256 with an empty key", "HS512", "another payload", "later exp", "another typ", "no typ", "no kid", "another kid",
        "a cut signature", "no signature", "an empty signature", "padding", "one more part", "garbage", "dots", "a JSON text", "Bearer", "very long",
    ];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_token_is_invalid(string how)
    {
        var install = await host.ActivatedAsync();
        (await install.ConfirmAsync(Forge(install.InstallToken, how))).Outcome.Should().Be(NoInstall);
        (await install.RegisterAsync(token: Forge(install.InstallToken, how))).Outcome.Should().Be(NoInstall);
        (await install.ActivateAsync(token: Forge(install.PrecheckToken, how))).Outcome.Should().Be(NoPrecheck);
        (await install.ConfirmAsync()).Outcome.Should().Be("200", "the token itself is good");
    }

    [Theory]
    [InlineData(599.999, "200")]
    [InlineData(600, "401 install_token_expired")]
    public async Task An_install_token_is_good_for_ten_minutes_to_the_second(double seconds, string expected)
    {
        await using var own = await TestHost.StartAsync();
        var install = await own.ActivatedAsync();
        own.Clock.Advance(TimeSpan.FromSeconds(seconds));
        (await install.ConfirmAsync()).Outcome.Should().Be(expected);
    }

    [Theory]
    [InlineData(599.999, "200")]
    [InlineData(600, "401 precheck_token_expired")]
    public async Task A_precheck_token_is_good_for_ten_minutes_to_the_second(double seconds, string expected)
    {
        await using var own = await TestHost.StartAsync();
        var install = await own.PrecheckedAsync();
        own.Clock.AdvanceMinutes(5);
        await install.PrecheckAsync();
        own.Clock.Advance(TimeSpan.FromSeconds(seconds - 300));
        (await install.ActivateAsync()).Outcome.Should().Be(expected);
    }

    [Fact]
    public async Task The_host_is_told_what_a_good_token_is()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        long now = host.Clock.GetUtcNow().ToUnixTimeSeconds();
        Find(install.PrecheckToken).Should().BeEquivalentTo(new { Use = "precheck", Subject = install.Machine.MachineId, Audience = "install", IssuedAt = now, ExpiresAt = now + 600 });
        Find(install.InstallToken).Should().BeEquivalentTo(new { Use = "install", Subject = install.ActivationId, Audience = "install", IssuedAt = now, ExpiresAt = now + 600 });
        Find(server.Token).Should().BeEquivalentTo(new { Use = "server", Subject = server.Id, Audience = "servers", IssuedAt = now, ExpiresAt = (long?)null });
    }

    [Theory]
    [InlineData("confirmed", false, false, true)]
    [InlineData("released", false, false, false)]
    [InlineData("revoked", false, false, false)]
    [InlineData("expired", false, false, false)]
    [InlineData("activated", true, true, true)]
    public async Task A_token_is_good_for_the_host_exactly_while_it_is_for_the_routes(string state, bool precheck, bool token, bool server)
    {
        var install = await host.ActivatedAsync();
        string serverToken = (await install.RegisteredAsync()).Token;
        if (state == "confirmed") await install.ConfirmedAsync();
        if (state == "released") await install.ReleasedAsync();
        if (state == "revoked") await install.RevokedAsync();
        if (state == "expired") host.Clock.AdvanceMinutes(10);
        (Find(install.PrecheckToken) is not null, Find(install.InstallToken) is not null, Find(serverToken) is not null).Should().Be((precheck, token, server));
    }

    [Fact]
    public async Task A_precheck_token_of_before_a_release_is_no_good_token_though_its_machine_has_prechecked_again()
    {
        var install = await (await host.ActivatedAsync()).ReleasedAsync();
        string old = install.PrecheckToken;
        await install.PrecheckedAsync();
        (Find(old), Find(install.PrecheckToken)?.Use).Should().Be((null, "precheck"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("st_")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.e30.x")]
    [InlineData("eyJhbGciOiJIUzI1Ni")]
    public void The_host_is_told_of_nothing_else(string text) => Find(text).Should().BeNull();

    private KnownInstallToken? Find(string text) => host.Lifecycle.FindToken(text);

    private static string Forge(string token, string how)
    {
        string[] parts = token.Split('.');
        string header = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])), payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        string kid = System.Text.Json.JsonDocument.Parse(header).RootElement.Text("kid");
        byte[] key = RandomNumberGenerator.GetBytes(32);
        return how switch
        {
            "alg none" => Encode(header.Replace("HS256", "none")) + $".{parts[1]}.{parts[2]}",
            "alg none without a signature" => Encode(header.Replace("HS256", "none")) + $".{parts[1]}.",
            "alg None" => Encode("""{"alg":"None"}""") + $".{parts[1]}.",
            "HS256 with another key" => Sign(parts[0], parts[1], key),
            "HS256 with an empty key" => Sign(parts[0], parts[1], []),
            "HS512" => $"{Encode(header.Replace("HS256", "HS512"))}.{parts[1]}.{Base64Url.EncodeToString(HMACSHA512.HashData(key, "x"u8))}",
            "another payload" => $"{parts[0]}.{Encode(payload.Replace("\"binding\":0", "\"binding\":1"))}.{parts[2]}",
            "later exp" => $"{parts[0]}.{Encode(payload.Replace("\"exp\":1", "\"exp\":2"))}.{parts[2]}",
            "another typ" => $"{Encode(header.Contains("install", StringComparison.Ordinal) ? header.Replace("install", "precheck") : header.Replace("precheck", "install"))}.{parts[1]}.{parts[2]}",
            "no typ" => $"{Encode("""{"alg":"HS256"}""")}.{parts[1]}.{parts[2]}",
            "no kid" => $"{Encode(header.Replace(kid, ""))}.{parts[1]}.{parts[2]}",
            "another kid" => $"{Encode(header.Replace(kid, new string('0', kid.Length)))}.{parts[1]}.{parts[2]}",
            "a cut signature" => token[..^1],
            "no signature" => $"{parts[0]}.{parts[1]}",
            "an empty signature" => $"{parts[0]}.{parts[1]}.",
            "padding" => token + "=",
            "one more part" => token + ".x",
            "garbage" => "garbage",
            "dots" => "..",
            "a JSON text" => payload,
            "Bearer" => "Bearer " + token,
            "very long" => token + new string('A', 4096 - token.Length),
            _ => throw new ArgumentOutOfRangeException(nameof(how), how, null),
        };
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Sign(string header, string payload, byte[] key) => $"{header}.{payload}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{header}.{payload}")))}";
}

using System.Text.Json;
using TokenServer.Accounts;
using TokenServer.Accounts.Pins;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Admin;

/// <summary>POST /admin/api/tokens/explain: what any string is, and which check it fails since when by whose act (contract section 6).</summary>
public sealed class ExplainTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync()
    {
        admin = await AdminServer.StartAsync();
        await admin.Server.AddDeviceClientsAsync();
        await admin.Server.Get<ClientRegistry>().AddAsync(new ClientRegistration
        {
            ClientId = "shop", ClientSecret = TestImport.Secret, ConsentType = "implicit", GrantTypes = ["authorization_code", "refresh_token"],
            RedirectUris = [CodeClient.Callback], Scope = "openid offline_access api",
        }, "test");
    }

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Theory]
    [InlineData("access", "access", true)]
    [InlineData("opaque", "access", true)]
    [InlineData("face", "access", true)]
    [InlineData("client's own", "access", false)]
    [InlineData("refresh", "refresh", true)]
    [InlineData("id_token", "id_token", true)]
    [InlineData("code", "authorization_code", true)]
    [InlineData("device code", "device_code", false)]
    [InlineData("temp", "temp_token", true)]
    [InlineData("API key", "api_key", true)]
    [InlineData("tunnel", "tunnel", true)]
    [InlineData("PIN", "pin", false)]
    [InlineData("install code", "install_code", false)]
    [InlineData("precheck", "precheck", false)]
    [InlineData("install", "install", false)]
    [InlineData("server", "server", false)]
    [InlineData("receipt", "receipt", false)]
    public async Task What_is_good_is_said_to_be_what_it_is_and_nothing_changes(string kind, string named, bool isAccounts)
    {
        string token = await TokenAsync(kind);
        string before = admin.Server.Get<Database>().Read(s => string.Join('\n', s.All("""SELECT "Id" || COALESCE(CAST("LastUsedAt" AS TEXT), '') FROM "ApiKeys" """, r => r.GetString(0))));
        int entries = admin.Server.AuditedEvents().Count;
        var told = await ExplainAsync($"  {token}\n");
        (told.GetProperty("kind").GetString(), told.GetProperty("active").GetBoolean(), told.GetProperty("reasons").GetArrayLength()).Should().Be((named, true, 0));
        if (isAccounts) told.Text("subject").Should().Be(admin.IdOf(kind == "temp" ? "john" : "bob").ToString());
        admin.Server.AuditedEvents().Should().HaveCount(entries);
        admin.Server.Get<Database>().Read(s => string.Join('\n', s.All("""SELECT "Id" || COALESCE(CAST("LastUsedAt" AS TEXT), '') FROM "ApiKeys" """, r => r.GetString(0)))).Should().Be(before);
    }

    [Fact]
    public async Task An_access_token_is_told_with_client_session_and_end()
    {
        string token = await TokenAsync("access");
        (await admin.DoAsync("POST /tokens/explain", new { token })).Body.Should().Be(
            $$"""{"kind":"access","active":true,"reasons":[],"subject":"{{admin.IdOf("bob")}}","client_id":"web","session":"{{Jwt.Claims(token).Text("sid")}}","expires_at":"2026-11-21T13:00:00Z"}""");
    }

    [Theory]
    [InlineData("access")]
    [InlineData("opaque")]
    [InlineData("face")]
    [InlineData("refresh")]
    [InlineData("id_token")]
    public async Task A_session_that_an_administrator_ended_is_told_with_time_and_name(string kind)
    {
        string token = await TokenAsync(kind);
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        await admin.DoAsync("DELETE /sessions/" + (await ExplainAsync(token)).Text("session"));
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        await ShouldFailAsync(token, ("session_ended", "2026-11-21T12:02:00Z", "robot"));
    }

    [Theory]
    [InlineData("disable", "account_disabled")]
    [InlineData("sessions/end", null)]
    public async Task What_ended_all_sessions_of_an_account_is_found_by_its_moment(string act, string? also)
    {
        string token = await TokenAsync("access");
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        await admin.DoAsync($"POST /users/{admin.IdOf("bob")}/{act}");
        (string, string?, string?) ended = ("session_ended", "2026-11-21T12:02:00Z", "robot");
        await ShouldFailAsync(token, also is null ? [ended] : [ended, (also, "2026-11-21T12:02:00Z", "robot")]);
    }

    [Fact]
    public async Task A_password_change_is_told_to_have_ended_the_other_sessions()
    {
        string token = await TokenAsync("refresh");
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        var accounts = admin.Server.Get<UserAccounts>();
        await accounts.SetPasswordAsync(accounts.FindByLogin("bob")!, "another horse battery", "command line");
        await ShouldFailAsync(token, ("session_ended", "2026-11-21T12:02:00Z", "command line"));
    }

    [Fact]
    public async Task A_session_that_its_client_or_a_reuse_ended_is_told_so()
    {
        string revoked = (await admin.Server.SignInAsync(user: "bob"))["access_token"]!;
        await admin.Server.PostAsync("/connect/revoke", "web", ("token", revoked));
        await ShouldFailAsync(revoked, ("session_ended", "2026-11-21T12:00:00Z", "web"));
        var signedIn = await admin.Server.SignInAsync(user: "bob");
        await admin.Server.RefreshAsync(signedIn["refresh_token"]!);
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(5));
        await admin.Server.RefreshAsync(signedIn["refresh_token"]!);
        await ShouldFailAsync(signedIn["access_token"]!, ("session_ended", "2026-11-21T12:05:00Z", admin.IdOf("bob").ToString()));
        await ShouldFailAsync(signedIn["refresh_token"]!, ("used", "2026-11-21T12:00:00Z", "web"), ("session_ended", "2026-11-21T12:05:00Z", admin.IdOf("bob").ToString()));
    }

    [Theory]
    [InlineData("access")]
    [InlineData("client's own")]
    [InlineData("refresh")]
    public async Task A_revoked_client_is_told_and_stays_told_after_it_was_restored(string kind)
    {
        string token = await TokenAsync(kind), client = kind == "client's own" ? "worker" : "web";
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        await admin.DoAsync($"POST /clients/{client}/revoke");
        (await ReasonsAsync(token)).Should().Contain(("client_revoked", "2026-11-21T12:02:00Z", "robot"));
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        await admin.DoAsync($"POST /clients/{client}/restore");
        (await ReasonsAsync(token)).Should().Contain(("client_revoked", "2026-11-21T12:02:00Z", "robot"));
        await admin.DoAsync($"DELETE /clients/{client}");
        (await ReasonsAsync(token)).Should().Contain(r => r.Check == "client_deleted");
    }

    [Theory]
    [InlineData("access", 61)]
    [InlineData("client's own", 61)]
    [InlineData("code", 2)]
    [InlineData("device code", 11)]
    [InlineData("temp", 11)]
    [InlineData("install code", 60 * 25)]
    public async Task What_has_expired_says_since_when(string kind, int minutes)
    {
        string token = await TokenAsync(kind);
        string end = (await ExplainAsync(token)).Text("expires_at");
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(minutes));
        admin = await AdminServer.OfAsync(admin.Server);
        (await ReasonsAsync(token)).Should().Contain(("expired", end, null));
    }

    [Theory]
    [InlineData("client's own", "revoked")]
    [InlineData("code", "revoked")]
    [InlineData("device code", "revoked")]
    [InlineData("temp", "revoked")]
    [InlineData("tunnel", "revoked")]
    [InlineData("API key", "not_found")]
    [InlineData("install code", "revoked")]
    [InlineData("precheck", "revoked")]
    [InlineData("install", "revoked")]
    [InlineData("server", "revoked")]
    [InlineData("PIN", null)]
    public async Task What_an_administrator_revoked_says_so(string kind, string? check)
    {
        string token = await TokenAsync(kind);
        admin.Server.Clock.Advance(TimeSpan.FromSeconds(20));
        (await admin.DoAsync("POST /tokens/revoke", new { token }))["revoked"].Should().Be("True");
        var told = await ExplainAsync(token);
        told.GetProperty("active").GetBoolean().Should().BeFalse();
        if (check == "revoked") (await ReasonsAsync(token)).Should().Equal(("revoked", "2026-11-21T12:00:20Z", "robot"));
        else (await ReasonsAsync(token)).Select(r => r.Check).Should().Equal(check ?? "not_found");
        (await admin.DoAsync("POST /tokens/revoke", new { token }))["revoked"].Should().Be("False", "once");
    }

    [Fact]
    public async Task A_used_code_names_the_session_that_began_with_it()
    {
        string code = await TokenAsync("code");
        var answer = await admin.Server.ExchangeAsync(code);
        answer.Status.Should().Be(200, answer.Body);
        await ShouldFailAsync(code, ("used", "2026-11-21T12:00:00Z", "shop"));
        (await ExplainAsync(code)).Text("session").Should().Be(Jwt.Claims(answer["access_token"]!).Text("sid"));
    }

    [Fact]
    public async Task A_code_of_a_browser_that_signed_out_says_so()
    {
        using var bob = await Browser.OfAsync(admin.Server);
        string code = await bob.CodeAsync();
        await bob.GetAsync("/account");
        await bob.PostAsync("/account/sign-out");
        await ShouldFailAsync(code, ("sign_in_ended", "2026-11-21T12:00:00Z", admin.IdOf("bob").ToString()));
    }

    [Fact]
    public async Task Replaced_keys_are_told_with_time_and_name()
    {
        string token = await TokenAsync("client's own");
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(3));
        await admin.DoAsync("POST /keys/rotate", new { compromised = true });
        admin = await AdminServer.OfAsync(admin.Server);
        await ShouldFailAsync(token, ("signing_key", "2026-11-21T12:03:00Z", "robot"));
    }

    [Theory]
    [InlineData("garbage", "unknown", "unknown")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30.AAAA", "unknown", "unknown")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "refresh", "not_found")]
    [InlineData("rt_", "refresh", "not_found")]
    [InlineData("ac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "authorization_code", "not_found")]
    [InlineData("sk_live_AAAAAAAAAAAAAAAAAAAAAAAA", "api_key", "not_found")]
    [InlineData("st_x", "server", "not_found")]
    [InlineData("IPT-SD-AAAAAA-AAAAAA-AAAAAA", "unknown", "unknown")]
    [InlineData("\0", "unknown", "unknown")]
    [InlineData("💥.💥.💥", "unknown", "unknown")]
    public async Task What_is_none_says_so(string token, string kind, string check)
    {
        var told = await ExplainAsync(token);
        (told.Text("kind"), told.GetProperty("active").GetBoolean()).Should().Be((kind, false));
        (await ReasonsAsync(token)).Should().Equal((check, null, null));
        (await ExplainAsync(new string('x', 60_000))).Text("kind").Should().Be("unknown");
    }

    [Fact]
    public async Task An_altered_token_tells_nothing_of_what_it_says()
    {
        string[] parts = (await TokenAsync("access")).Split('.');
        string forged = $"{parts[0]}.{Base64(Encode(parts[1]).Replace("web", "wee", StringComparison.Ordinal))}.{parts[2]}";
        var told = await ExplainAsync(forged);
        (told.Text("kind"), told.GetProperty("subject").ValueKind, told.GetProperty("client_id").ValueKind).Should().Be(("access", JsonValueKind.Null, JsonValueKind.Null));
        await ShouldFailAsync(forged, ("signature", null, null));
    }

    [Fact]
    public async Task Nothing_of_a_token_is_in_the_log_or_the_audit()
    {
        string token = await TokenAsync("API key");
        await admin.DoAsync("POST /tokens/explain", new { token });
        admin.Server.Get<Database>().Read(s => s.All("""SELECT COALESCE("Target", '') || COALESCE("Detail", '') FROM "Audit" """, r => r.GetString(0)))
            .Should().NotContain(text => text.Contains(token, StringComparison.Ordinal));
    }

    private async Task<JsonElement> ExplainAsync(string token) => (await admin.DoAsync("POST /tokens/explain", new { token })).Json;

    private async Task<List<(string Check, string? Since, string? By)>> ReasonsAsync(string token) =>
        [.. (await ExplainAsync(token)).GetProperty("reasons").EnumerateArray().Select(r => (r.GetProperty("check").GetString()!, r.GetProperty("since").GetString(), r.GetProperty("by").GetString()))];

    private async Task ShouldFailAsync(string token, params (string Check, string? Since, string? By)[] reasons)
    {
        (await ReasonsAsync(token)).Should().BeEquivalentTo(reasons);
        (await ExplainAsync(token)).GetProperty("active").GetBoolean().Should().BeFalse();
    }

    private static string Encode(string part) => System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(part));

    private static string Base64(string json) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json));

    private async Task<string> TokenAsync(string kind)
    {
        var server = admin.Server;
        switch (kind)
        {
            case "access": return (await server.SignInAsync(user: "bob"))["access_token"]!;
            case "refresh": return (await server.SignInAsync(user: "bob"))["refresh_token"]!;
            case "id_token": return (await server.SignInAsync(user: "bob"))["id_token"]!;
            case "opaque": return (await server.SignInAsync("opaque", "bob", "openid api"))["access_token"]!;
            case "face": return await ((Door)Door.Vpn).TokenAsync(server);
            case "client's own": return await server.WorkerTokenAsync();
            case "temp": return await ((Door)Door.Connect).TempTokenAsync(server);
            case "device code": return (await server.AskAsync()).DeviceCode;
            case "code":
                using (var bob = await Browser.OfAsync(server)) return await bob.CodeAsync();
            case "API key": return (await server.AddKeyAsync(await ((Door)Door.Account).TokenAsync(server))).Key;
            case "tunnel": return (await server.AddTunnelAsync(await ((Door)Door.Account).TokenAsync(server))).Token;
            case "PIN":
                await server.Get<PinFile>().SetAsync("1234", "test");
                return (await server.CallAsync("POST", "/api/auth", null, new { pin = "1234" }))["token"]!;
            case "install code": return (await new Support.Installation(server).UpToAsync(Support.Installation.Issue)).Code;
            case "precheck": return (await new Support.Installation(server).UpToAsync(Support.Installation.Precheck)).PrecheckToken;
            case "install": return (await new Support.Installation(server).UpToAsync(Support.Installation.Activate)).InstallToken;
            case "server": return (await new Support.Installation(server).UpToAsync(Support.Installation.Register)).ServerToken;
            default: return (await new Support.Installation(server).UpToAsync(Support.Installation.Confirm)).Receipt;
        }
    }
}

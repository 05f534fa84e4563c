using System.Text.Json;
using TokenServer.Accounts;
using TokenServer.Accounts.Pins;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.OpenApi;

/// <summary>A server with the demo's clients and users, and all that the documented examples have in their places: tokens, codes, ids.</summary>
internal sealed class Rig(TestServer server) : IAsyncDisposable
{
    public const string Pin = "1234", JanesPassword = "demo-password-of-jane", JohnsPassword = "demo-password-of-john";
    private const string Machine = "0123456789abcdef0123456789abcdef", Fingerprint = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
    private static readonly string[] Unlimited = [.. FaceRequests.NoLimits, "--InstallLifecycle:CodesPerIpPerHour=1000000", "--InstallLifecycle:CodesPerIpPerDay=1000000",
        "--InstallLifecycle:CodesPerFingerprintPerHour=1000000", "--InstallLifecycle:ActivationsPerIpPerDay=1000000", "--InstallLifecycle:ActivationsPerMachinePerDay=1000000"];
    private int made;

    public TestServer Server { get; } = server;

    public static async Task<Rig> StartAsync(params string[] settings)
    {
        var server = await TestServer.StartAsync([.. Unlimited, .. settings], await File.ReadAllTextAsync(SampleFiles.Folder("demo.json")));
        await server.Get<PinFile>().SetAsync(Pin, "test");
        return new Rig(server);
    }

    /// <summary>A name that nothing has yet.</summary>
    public string Name(string kind) => $"{kind}-{++made}";

    /// <summary>An access token of jane's, good for everything.</summary>
    public async Task<string> JaneAsync() => (await SignInAsync("jane.doe", JanesPassword, "openid profile email offline_access api admin"))["access_token"]!;

    public async Task<string> RefreshTokenAsync() => (await SignInAsync("jane.doe", JanesPassword, "openid offline_access api"))["refresh_token"]!;

    /// <summary>john's temp token, and a code that has not been used.</summary>
    public async Task<(string TempToken, string Code)> SecondFactorAsync(string path, string? field)
    {
        NextStep();
        var answer = field is null ? await SignInAsync("john.roe", JohnsPassword, "openid offline_access api")
            : await Server.CallAsync("POST", path, body: new Dictionary<string, string> { [field] = field == "email" ? "john.roe@example.com" : "john.roe", ["password"] = JohnsPassword });
        return (answer["temp_token"]!, Server.TotpCode());
    }

    /// <summary>The code of a device that waits.</summary>
    public async Task<string> DeviceAsync() => (await Server.PostAsync("/connect/device", null, ("client_id", "tunnel-cli")))["device_code"]!;

    /// <summary>A new user's name and access token.</summary>
    public async Task<(string Name, string Token)> UserAsync(string password = JanesPassword)
    {
        string name = Name("user");
        (await Server.Get<UserAccounts>().AddAsync(new NewAccount { UserName = name, Email = $"{name}@example.com", Name = "A User", Password = password }, "test")).Should().BeNull();
        return (name, (await SignInAsync(name, password, "openid api"))["access_token"]!);
    }

    public int UserId(string name) => Server.Get<UserAccounts>().FindByLogin(name)!.Id;

    /// <summary>Begins with a second factor; its secret.</summary>
    public async Task<string> SetUpAsync(string token) => (await Server.CallAsync("POST", "/api/v1/auth/2fa/setup", token))["secret"]!;

    /// <summary>A code that has not been used.</summary>
    public string NewCode(string secret)
    {
        NextStep();
        return Authenticator.Code(secret, Server.Clock.GetUtcNow());
    }

    public async Task<string> PinTokenAsync() => (await Server.CallAsync("POST", "/api/auth", body: new { pin = Pin }))["token"]!;

    public async Task<string> ApiKeyAsync() => (await Server.AddKeyAsync(await JaneAsync(), Name("key"))).Key;

    public async Task<string> ClientAsync()
    {
        string id = Name("client");
        (await Server.CallAsync("POST", "/admin/api/clients", await JaneAsync(), new { client_id = id, grant_types = new[] { "client_credentials" }, scope = "api" })).Status.Should().Be(201);
        return id;
    }

    public async Task<string> ClientOfTwoSecretsAsync()
    {
        string id = await ClientAsync();
        (await Server.CallAsync("POST", $"/admin/api/clients/{id}/secret", await JaneAsync(), new { keep_old_for = 60 })).Status.Should().Be(200);
        return id;
    }

    public async Task<string> ScopeAsync()
    {
        string name = Name("scope");
        (await Server.CallAsync("POST", "/admin/api/scopes", await JaneAsync(), new { name, resources = new[] { "files" } })).Status.Should().Be(201);
        return name;
    }

    public async Task<string> BrowserAsync()
    {
        var page = await Server.CallAsync("GET", "/slowdns");
        return page.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("slowdns_browser=", StringComparison.Ordinal)).Split(';')[0];
    }

    public async Task<string> CodeAsync() => Data(await Server.CallAsync("POST", "/api/v2/slowdns/code/issue", headers: ("Cookie", await BrowserAsync())), "install_code");

    public async Task<(string Code, string Token)> PrecheckedAsync()
    {
        string code = await CodeAsync();
        var answer = await Server.CallAsync("POST", "/api/v2/slowdns/install/precheck", body: new { install_code = code, machine_id = Machine, ssh_fingerprint = Fingerprint, product = "slowdns", installer_version = "1" });
        return (code, Data(answer, "precheck_token"));
    }

    public async Task<(string ActivationId, string Token)> ActivatedAsync()
    {
        var (code, token) = await PrecheckedAsync();
        var answer = await Server.CallAsync("POST", "/api/v2/slowdns/install/activate", body: new
        {
            install_code = code, precheck_token = token, hostname = "ns1.example.com", public_ip = "203.0.113.10", machine_id = Machine, ssh_fingerprint = Fingerprint, requested_ref = "main", installer_version = "1",
        });
        return (Data(answer, "activation_id"), Data(answer, "install_token"));
    }

    public async Task<(string Id, string Token, string InstallToken)> ServerAsync()
    {
        var (_, token) = await ActivatedAsync();
        var answer = await Server.CallAsync("POST", "/register", body: new { install_token = token, machine_id = Machine, ssh_fingerprint = Fingerprint, hostname = "ns1.example.com", public_ip = "203.0.113.10", agent_version = "1" });
        return (answer["server_id"]!, answer["server_token"]!, token);
    }

    /// <summary>An install that is confirmed: whose browser asked for its code, and its server's token.</summary>
    public async Task<(string Cookie, string ActivationId, string ServerToken)> ConfirmedAsync()
    {
        var install = await new Installation(Server).UpToAsync(Installation.Confirm);
        return (install.Cookie, install.ActivationId, install.ServerToken);
    }

    /// <summary>A server that has shown that there are two of it.</summary>
    public async Task<string> SuspectedAsync()
    {
        var (_, token) = await ActivatedAsync();
        var server = await Server.CallAsync("POST", "/register", body: new
        {
            install_token = token, machine_id = Machine, ssh_fingerprint = Fingerprint, hostname = "ns1.example.com", public_ip = "203.0.113.10", agent_version = "1.0.0", ratchet = true,
        });
        (await Server.CallAsync("POST", "/checkin", server["server_token"], new { checkin_key = "ck_" + new string('A', 43) })).Status.Should().Be(409);
        return server["server_id"]!;
    }

    /// <summary>The newest item of a list of the administration.</summary>
    public async Task<JsonElement> NewestAsync(string list) => (await Server.CallAsync("GET", "/admin/api/" + list, await JaneAsync())).Json.GetProperty("items")[0];

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    // A code of the authenticator is good once.
    private void NextStep() => Server.Clock.Advance(TimeSpan.FromSeconds(30));

    private Task<Answer> SignInAsync(string user, string password, string scope) => TokenAsync(("grant_type", "password"), ("username", user), ("password", password), ("scope", scope));

    private Task<Answer> TokenAsync(params (string, string)[] form) => Server.PostAsync("/connect/token", null, [("client_id", "web"), ("client_secret", "web-demo-secret"), .. form]);

    private static string Data(Answer answer, string member) => answer.Json.GetProperty("data").GetProperty(member).GetString()!;
}

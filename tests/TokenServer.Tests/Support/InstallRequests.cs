using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using InstallLifecycle;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Tests.Support;

/// <summary>Requests of the install lifecycle, in short.</summary>
internal static class InstallRequests
{
    public const string Api = "/api/v2/slowdns", GrantType = "urn:tokenserver:grant-type:install_precheck";

    /// <summary>Settings under which no limit of the lifecycle is ever met.</summary>
    public static readonly string[] NoInstallLimits = [.. CodeLimits(1_000_000), .. ActivationLimits(1_000_000)];

    /// <summary>All limits on codes, set to <paramref name="most"/>.</summary>
    public static string[] CodeLimits(int most) =>
        [.. new[] { "CodesPerIpPerHour", "CodesPerIpPerDay", "CodesPerSessionPerHour", "CodesPerFingerprintPerHour" }.Select(name => $"--InstallLifecycle:{name}={most}")];

    /// <summary>Both limits on activations, set to <paramref name="most"/>.</summary>
    public static string[] ActivationLimits(int most) => [$"--InstallLifecycle:ActivationsPerIpPerDay={most}", $"--InstallLifecycle:ActivationsPerMachinePerDay={most}"];

    /// <summary>The cookie of a browser that opens the page.</summary>
    public static async Task<string> OpenPageAsync(this HttpClient http, params (string Name, string Value)[] headers)
    {
        var page = await http.CallAsync("GET", "/slowdns", null, null, headers);
        page.Status.Should().Be(200, page.Body);
        return page.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("slowdns_browser=", StringComparison.Ordinal)).Split(';')[0];
    }

    /// <summary>Sends a request with a Bearer token, and <paramref name="body"/> as JSON; a string is taken as it is.</summary>
    public static async Task<Answer> CallAsync(this HttpClient http, string method, string path, string? bearer = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body as string ?? JsonSerializer.Serialize(body))) { Headers = { ContentType = new("application/json") } };
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>Activates through the token endpoint; <paramref name="more"/> replaces parameters.</summary>
    public static Task<Answer> GrantAsync(this TestServer server, Installation install, string? client = "panel", params (string Name, string Value)[] more)
    {
        var form = new Dictionary<string, string>(install.ActivationFields) { ["grant_type"] = GrantType };
        foreach (var (name, value) in more) form[name] = value;
        return server.TokenAsync(client, [.. form.Select(f => (f.Key, f.Value))]);
    }

    /// <summary>Registers installer (public) and panel, which have the grant, and fleet, which introspects install and server tokens.</summary>
    public static async Task AddInstallClientsAsync(this TestServer server)
    {
        var clients = server.Get<ClientRegistry>();
        await clients.AddAsync(new ClientRegistration { ClientId = "installer", GrantTypes = [GrantType] }, "test");
        await clients.AddAsync(new ClientRegistration { ClientId = "panel", ClientSecret = TestImport.Secret, GrantTypes = [GrantType], Scope = "api" }, "test");
        await clients.AddAsync(new ClientRegistration { ClientId = "fleet", ClientSecret = TestImport.Secret, Audiences = ["install", "servers"], Introspection = true }, "test");
    }

    /// <summary>The number of the code that was issued last; 0 where there is none yet.</summary>
    public static long LastCode(this TestServer server) => server.Get<Database>().Read(s => s.All("""SELECT coalesce(max("Id"), 0) FROM "InstallCodes" """, r => r.GetInt64(0))).Single();

    /// <summary>Revokes the code that was issued last.</summary>
    public static Task RevokeLastCodeAsync(this TestServer server) => server.Get<Lifecycle>().RevokeCodeAsync(server.LastCode(), new Caller("", "", "", "test"), isDryRun: false);

    /// <summary>Fails unless the answer is this error in the envelope of the install API.</summary>
    public static void ShouldRefuse(this Answer answer, int status, string code)
    {
        answer.Status.Should().Be(status, "the body is {0}", answer.Body);
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        answer.Json.Names().Should().Equal("error");
        var error = answer.Json.GetProperty("error");
        error.Names().Should().Equal("code", "message");
        error.Text("code").Should().Be(code);
        error.Text("message").Should().NotBeEmpty();
    }

    /// <summary>Fails unless the answer is this error of the main stack.</summary>
    public static void ShouldRefuseFlat(this Answer answer, int status, string code) => answer.ShouldBe(status, $$"""{"error":"{{code}}"}""");
}

using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenServer.Hosting;
using TokenServer.Import;
using TokenServer.Protection;

namespace Browser.Tests.Support;

/// <summary>The whole token server on a free port, in this process, with its own data and clock.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    public const string Password = "correct horse battery", TotpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    /// <summary>A client whose id has nowhere to break.</summary>
    public const string LongClient = "nightly_reconciliation_of_invoices_and_payments_of_the_whole_group";

    public const string Secret = "secret of a test client";

    /// <summary>jane: admin with a second factor; bob: user without; api and relay: introspect what is for them; web: signs users in.</summary>
    private const string Content = $$"""
        {
          "clients": [
            { "client_id": "api", "client_secret": "{{Secret}}", "audiences": ["api"], "introspection": true },
            { "client_id": "relay", "client_secret": "{{Secret}}", "audiences": ["tunnel"], "introspection": true },
            { "client_id": "{{LongClient}}", "grant_types": ["password"], "scope": "api" },
            { "client_id": "web", "client_name": "The web application", "client_secret": "{{Secret}}", "grant_types": ["password", "refresh_token", "urn:tokenserver:grant-type:two_factor"], "scope": "openid offline_access api" }
          ],
          "scopes": [{ "name": "api", "display_name": "API", "resources": ["api"] }],
          "users": [
            { "username": "jane", "email": "jane@example.com", "name": "Jane Doe", "role": "admin", "password": "{{Password}}", "totp_secret": "{{TotpSecret}}" },
            { "username": "bob", "email": "bob@example.com", "password": "{{Password}}" }
          ]
        }
        """;

    private readonly WebApplication app;
    private readonly HttpClient http;
    private readonly string folder;

    private readonly bool isNamed;

    private RealServer(WebApplication app, MovableClock clock, string folder, bool isNamed = false)
    {
        (this.app, Clock, this.folder, this.isNamed) = (app, clock, folder, isNamed);
        http = new HttpClient { BaseAddress = new Uri(Address) };
    }

    /// <summary>Scheme, host and port.</summary>
    public string Address => isNamed ? app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal) : app.Urls.First();

    public MovableClock Clock { get; }

    /// <summary>Starts it with its clients and users, and those of <paramref name="more"/>, an import file's text.</summary>
    /// <param name="more">The text.</param>
    /// <param name="isNamed">Whether it is called by a name, which passkeys need.</param>
    public static async Task<RealServer> StartAsync(string? more = null, bool isNamed = false)
    {
        string folder = Directory.CreateTempSubdirectory("tokenserver-pages-").FullName;
        var clock = new MovableClock();
        string[] database = await TestDatabases.ConnectionStringAsync(folder) is { } connection ? [$"--ConnectionStrings:Default={connection}"] : [];
        var app = ServerHost.Build(["--urls=http://127.0.0.1:0", $"--TokenServer:DataDirectory={folder}", "--environment=Development", .. database], builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton(_ => new PasswordHashing(rounds: 1));
            builder.Logging.ClearProviders();
        });
        await ServerHost.PrepareAsync(app.Services);
        await app.Services.GetRequiredService<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes(Content)), "test");
        if (more is not null) await app.Services.GetRequiredService<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes(more)), "more");
        await app.StartAsync();
        return new RealServer(app, clock, folder, isNamed);
    }

    /// <summary>The server at the real time, for clients of other makers that have a clock of their own, with an import file of the
    /// samples in which the sample's port is <paramref name="port"/>: where a sign-out leads back to is registered to the letter.</summary>
    /// <param name="import">Its place below samples.</param>
    /// <param name="port">The port in place of the one that the sample has by itself.</param>
    /// <param name="settings">More settings, as <c>--Section:Name=value</c>.</param>
    public static async Task<RealServer> StartNowAsync(string import, int port, params string[] settings)
    {
        string folder = Directory.CreateTempSubdirectory("tokenserver-pages-").FullName;
        string[] database = await TestDatabases.ConnectionStringAsync(folder) is { } connection ? [$"--ConnectionStrings:Default={connection}"] : [];
        var app = ServerHost.Build(["--urls=http://127.0.0.1:0", $"--TokenServer:DataDirectory={folder}", "--environment=Development", .. database, .. settings],
            builder => builder.Logging.ClearProviders());
        await ServerHost.PrepareAsync(app.Services);
        foreach (string file in (string[])["demo.json", import])
        {
            string text = Regex.Replace(await File.ReadAllTextAsync(Path.Combine(SampleProgram.Folder(""), file)), ":500[0-9]/", $":{port}/");
            await app.Services.GetRequiredService<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes(text)), "test");
        }
        await app.StartAsync();
        return new RealServer(app, new MovableClock(), folder);
    }

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>A token by client_credentials; null where the client is refused.</summary>
    public async Task<string?> TokenAsync(string client, string secret) =>
        Text(await PostAsync("/connect/token", client, secret, ("grant_type", "client_credentials")), "access_token");

    /// <summary>Signs a user in at the client web; the access token.</summary>
    public async Task<string> SignInAsync(string user = "bob") => Text(await PasswordAsync(user, Password), "access_token")!;

    /// <summary>Gives a wrong password.</summary>
    public Task FailAsync(string user = "bob") => PasswordAsync(user, "wrong");

    /// <summary>What the token endpoint says to a code.</summary>
    public Task<JsonElement> ExchangeAsync(string client, string code, string redirectUri, string verifier) => PostAsync("/connect/token", client, Secret,
        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectUri), ("code_verifier", verifier));

    /// <summary>What introspection says, asked by one of the imported clients.</summary>
    public async Task<bool> IsActiveAsync(string token, string client) =>
        (await PostAsync("/connect/introspect", client, Secret, ("token", token))).GetProperty("active").GetBoolean();

    /// <summary>The status of GET <paramref name="path"/> with a Bearer token.</summary>
    public async Task<int> StatusAsync(string path, string bearer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new("Bearer", bearer) } };
        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>An install code, as a browser gets one: the page gives it a session.</summary>
    public async Task<string> IssueCodeAsync()
    {
        using var page = await http.GetAsync("/slowdns");
        return Text(await DoAsync("/api/v2/slowdns/code/issue", new { }), "install_code")!;
    }

    /// <summary>Installs a server with a code that a browser asked for.</summary>
    public async Task InstallAsync(string code, string host = "ns1.example.com")
    {
        const string Fingerprint = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", Ip = "203.0.113.7";
        string machine = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(host)))[..32];
        var precheck = await DoAsync("/api/v2/slowdns/install/precheck", new { install_code = code, machine_id = machine, ssh_fingerprint = Fingerprint, product = "slowdns", installer_version = "2026.03.31" });
        var activation = await DoAsync("/api/v2/slowdns/install/activate", new
        {
            install_code = code, precheck_token = Text(precheck, "precheck_token"), hostname = host, public_ip = Ip, machine_id = machine, ssh_fingerprint = Fingerprint, requested_ref = "main", installer_version = "2026.03.31",
        });
        string? id = Text(activation, "activation_id"), token = Text(activation, "install_token");
        await DoAsync("/register", new { install_token = token, machine_id = machine, ssh_fingerprint = Fingerprint, hostname = host, public_ip = Ip, agent_version = "1.0" });
        await DoAsync("/api/v2/slowdns/install/confirm", new { activation_id = id, install_token = token });
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
        await TestDatabases.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    private Task<JsonElement> PasswordAsync(string user, string password) => PostAsync("/connect/token", "web", Secret,
        ("grant_type", "password"), ("username", user), ("password", password), ("scope", "openid offline_access api"));

    private async Task<JsonElement> DoAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.Should().BeTrue(await answer.Content.ReadAsStringAsync());
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return json.TryGetProperty("data", out var data) ? data : json;
    }

    private async Task<JsonElement> PostAsync(string path, string client, string secret, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(client)}:{Uri.EscapeDataString(secret)}")));
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
}

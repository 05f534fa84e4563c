using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>deploy/replicas: three replicas on one PostgreSQL behind nginx are one server.</summary>
public sealed partial class ReplicasTests
{
    private static readonly string Script = DeploymentFiles.PathOf("replicas/replicas.sh");

    [NeedsPostgresFact(NginxProcess.Program, "openssl", ScriptRun.Curl, ScriptRun.Setsid)]
    public async Task What_one_replica_gives_or_takes_counts_at_all_and_one_may_go()
    {
        int port = DeploymentFiles.FreePort();
        await using var script = ScriptRun.Start([Script, "--program", AppContext.BaseDirectory, "--port", $"{port}"], new Dictionary<string, string>());
        (await Eventually.TrueAsync(() => Task.FromResult(script.Output.Contains("Ready:", StringComparison.Ordinal)), Eventually.Never)).Should().BeTrue("it said {0} {1}", script.Output, script.Said);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Folder().Match(script.Output).Groups[1].Value + "/nginx/fullchain.pem");
        using var http = new HttpClient(new Patient(new SocketsHttpHandler { SslOptions = DeploymentFiles.Trusting(certificate) })) { BaseAddress = new Uri($"https://localhost:{port}") };
        int[] replicas = [.. Ports().Match(script.Output).Groups[1].Value.Split(' ').Select(int.Parse)];
        var clients = replicas.Select(p => new HttpClient(new Patient(new SocketsHttpHandler())) { BaseAddress = new Uri($"http://127.0.0.1:{p}"), DefaultRequestHeaders = { { "X-Forwarded-Proto", "https" } } }).ToArray();

        string token = JsonDocument.Parse(await PostAsync(clients[0], "token", "worker", ("grant_type", "client_credentials"))).RootElement.GetProperty("access_token").GetString()!;
        for (int i = 0; i < 6; i++) (await PostAsync(http, "introspect", "api", ("token", token))).Should().Contain("\"active\":true");
        await PostAsync(clients[1], "revoke", "worker", ("token", token));
        foreach (var replica in clients)
            (await Eventually.TrueAsync(async () => await PostAsync(replica, "introspect", "api", ("token", token)) == """{"active":false}""", TimeSpan.FromSeconds(1))).Should().BeTrue();
        for (int i = 0; i < 6; i++) (await PostAsync(http, "introspect", "api", ("token", token))).Should().Be("""{"active":false}""");

        (await Command.RunAsync("bash", ["-c", "kill " + Processes().Match(script.Output).Groups[1].Value])).Code.Should().Be(0);
        (await Eventually.TrueAsync(async () => !await AnswersAsync(clients[0]), Eventually.Never)).Should().BeTrue("it was told to end");
        for (int i = 0; i < 12; i++) (await PostAsync(http, "token", "worker", ("grant_type", "client_credentials"))).Should().Contain("access_token");
        foreach (var client in clients) client.Dispose();

        await script.SignalAsync("INT", toGroup: true);
        var ended = await script.EndAsync();
        ended.Code.Should().Be(130, ended.Said);
        Directory.Exists(Folder().Match(ended.Output).Groups[1].Value).Should().BeFalse();
    }

    private static async Task<string> PostAsync(HttpClient http, string endpoint, string client, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/" + endpoint) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.Authorization = OAuth.Basic(client, client + "-demo-secret");
        using var response = await http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, body);
        return body;
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync("/api/v2/healthz");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"the replicas at ([\d ]+),")]
    private static partial Regex Ports();

    [GeneratedRegex(@"processes (\d+)")]
    private static partial Regex Processes();

    [GeneratedRegex(@"Logs: (\S+)")]
    private static partial Regex Folder();
}

using System.Text.Json;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The examples that the products' documents show their users run as they stand, but for host and credentials.</summary>
public sealed class SeedExampleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsCommandFact("node")]
    public async Task The_JavaScript_of_VPN_Enterprise_signs_in_and_asks_who_it_is()
    {
        await using var server = await TestServer.StartAsync();
        // A browser has localStorage; what the example fetches is noted on the way.
        string said = await RunNodeAsync(server, "vpn-enterprise.js", before: """
            const stored = {}, seen = [], realFetch = fetch;
            globalThis.localStorage = { setItem: (name, value) => { stored[name] = value; } };
            globalThis.fetch = async (...request) => { const answer = await realFetch(...request); seen.push([answer.status, await answer.clone().json()]); return answer; };
            """, after: "console.log(JSON.stringify({ stored, seen }));");
        var json = JsonDocument.Parse(said).RootElement;
        var seen = json.GetProperty("seen");
        (seen[0][0].GetInt32(), seen[1][0].GetInt32()).Should().Be((200, 200));
        seen[1][1].GetProperty("user").Text("email").Should().Be("jane@example.com");
        (await server.GetAsync("/v1/auth/me", json.GetProperty("stored").Text("token"))).Status.Should().Be(200);
    }

    [NeedsCommandFact("node")]
    public async Task The_JavaScript_of_the_PIN_gate_gets_a_token()
    {
        await using var server = await TestServer.StartAsync();
        await server.SetPinAsync();
        string token = await RunNodeAsync(server, "pin.js", after: "console.log(token);");
        (await server.GetAsync("/api/status", token.Trim())).Status.Should().Be(200);
    }

    [NeedsPythonFact]
    public async Task The_Python_of_the_PIN_gate_gets_a_token()
    {
        await using var server = await TestServer.StartAsync();
        await server.SetPinAsync();
        string script = folder.Write("example.py", $"import os\nos.environ['NO_PROXY'] = '*'\n{Example(server, "pin.py")}\nprint(token)\n");
        string token = await RunAsync(Python.Program, script);
        (await server.GetAsync("/api/status", token.Trim())).Status.Should().Be(200);
    }

    [NeedsCommandFact("curl", "sh")]
    public async Task The_curl_commands_of_the_PIN_gate_get_a_token_and_use_it()
    {
        await using var server = await TestServer.StartAsync();
        await server.SetPinAsync();
        var (status, body) = await CurlAsync(server, "pin-auth.sh");
        status.Should().Be(200);
        (status, body) = await CurlAsync(server, "pin-status.sh", ("TOKEN", body.Text("token")));
        (status, body.Text("status")).Should().Be((200, "ok"));
    }

    [NeedsCommandFact("curl", "sh")]
    public async Task The_curl_commands_of_InTunnel_sign_in_use_the_token_and_sign_out()
    {
        await using var server = await TestServer.StartAsync();
        var (status, body) = await CurlAsync(server, "intunnel-login.sh");
        (status, body.GetProperty("user").Text("username")).Should().Be((200, "jane"));
        (string, string) token = ("YOUR_TOKEN", body.Text("token"));
        (status, body) = await CurlAsync(server, "intunnel-tunnels.sh", token);
        (status, body.GetProperty("success").GetBoolean()).Should().Be((200, true));
        (status, body) = await CurlAsync(server, "intunnel-logout.sh", token);
        (status, body.GetProperty("success").GetBoolean()).Should().Be((200, true));
        (status, body) = await CurlAsync(server, "intunnel-tunnels.sh", token);
        (status, body.Text("error")).Should().Be((401, "Invalid token"));
    }

    [NeedsCommandFact("curl", "sh")]
    public async Task The_curl_commands_of_InTunnel_sign_in_with_a_second_factor()
    {
        await using var server = await TestServer.StartAsync();
        var (status, body) = await CurlAsync(server, "intunnel-login.sh", ("jane@", "john@"));
        (status, body.GetProperty("requires_2fa").GetBoolean()).Should().Be((200, true));
        (status, body) = await CurlAsync(server, "intunnel-verify-2fa.sh", ("temp_abc123...", body.Text("temp_token")), ("123456", server.TotpCode()));
        status.Should().Be(200);
        (status, _) = await CurlAsync(server, "intunnel-tunnels.sh", ("YOUR_TOKEN", body.Text("token")));
        status.Should().Be(200);
    }

    // The text of an example, at this server, with credentials that it knows.
    private static string Example(TestServer server, string name, params (string Old, string New)[] changes)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Contract", "Examples", name));
        (string, string)[] usual =
        [
            ("https://api.vpnenterprise.com", server.Address), ("https://intunnel.cloud", server.Address), ("http://localhost", server.Address),
            ("user@company.com", "jane@example.com"), ("secure_password", TestImport.Password), ("you@example.com", "jane@example.com"), ("your-password", TestImport.Password),
        ];
        foreach (var (old, changed) in usual.Concat(changes)) text = text.Replace(old, changed, StringComparison.Ordinal);
        return text;
    }

    private Task<string> RunNodeAsync(TestServer server, string name, string before = "", string after = "") =>
        RunAsync("node", folder.Write("example.mjs", $"{before}\n{Example(server, name)}\n{after}\n"));

    // Status and body as curl got them; it reads its settings from CURL_HOME and knows no proxy.
    private async Task<(int Status, JsonElement Body)> CurlAsync(TestServer server, string name, params (string Old, string New)[] changes)
    {
        folder.Write(".curlrc", "silent\nshow-error\nnoproxy = \"*\"\nwrite-out = \"\\n%{http_code}\"\n");
        string variables = string.Concat(changes.Where(c => c.Old == "TOKEN").Select(c => $"TOKEN='{c.New}'\n"));
        string script = folder.Write("example.sh", $"export CURL_HOME='{folder.Path}'\n{variables}{Example(server, name, [.. changes.Where(c => c.Old != "TOKEN")])}");
        string[] said = (await RunAsync("sh", script)).Split('\n');
        return (int.Parse(said[^1]), JsonDocument.Parse(said[0]).RootElement);
    }

    private static async Task<string> RunAsync(string program, string script)
    {
        var (code, said) = await Command.RunAsync(program, [script]);
        code.Should().Be(0, said);
        return said;
    }
}

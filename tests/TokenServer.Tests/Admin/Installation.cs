using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>An install on its way from the page to a registered server: each step gives the next what it needs.</summary>
internal sealed class Installation(TestServer server)
{
    private const string Product = "slowdns", Version = "1.0.0", Address = "203.0.113.7";
    private readonly string machineId = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
    private static readonly string Fingerprint = "SHA256:" + new string('A', 43);

    public string Code { get; private set; } = "";
    public string PrecheckToken { get; private set; } = "";
    public string ActivationId { get; private set; } = "";
    public string InstallToken { get; private set; } = "";
    public string ServerId { get; private set; } = "";
    public string ServerToken { get; private set; } = "";

    public async Task<Installation> IssueAsync()
    {
        using var page = await server.Http.GetAsync("/slowdns");
        string cookie = page.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        Code = (await PostAsync("/api/v2/slowdns/code/issue", null, ("Cookie", cookie), ("Origin", server.Address))).GetProperty("data").Text("install_code");
        return this;
    }

    public async Task<Installation> PrecheckAsync()
    {
        var data = await StepAsync("precheck", new { install_code = Code, machine_id = machineId, ssh_fingerprint = Fingerprint, product = Product, installer_version = Version });
        PrecheckToken = data.Text("precheck_token");
        return this;
    }

    public async Task<Installation> ActivateAsync()
    {
        var data = await StepAsync("activate", new
        {
            install_code = Code, precheck_token = PrecheckToken, hostname = "ns.example.com", public_ip = Address, machine_id = machineId, ssh_fingerprint = Fingerprint,
            requested_ref = "main", installer_version = Version,
        });
        (ActivationId, InstallToken) = (data.Text("activation_id"), data.Text("install_token"));
        return this;
    }

    public async Task<Installation> RegisterAsync()
    {
        var answer = await PostAsync("/register", new { install_token = InstallToken, machine_id = machineId, ssh_fingerprint = Fingerprint, hostname = "ns.example.com", public_ip = Address, agent_version = Version });
        (ServerId, ServerToken) = (answer.Text("server_id"), answer.Text("server_token"));
        return this;
    }

    public async Task<Installation> ConfirmAsync()
    {
        await StepAsync("confirm", new { activation_id = ActivationId, install_token = InstallToken });
        return this;
    }

    /// <summary>All steps up to a registered server whose install is not confirmed.</summary>
    public static async Task<Installation> RegisteredAsync(TestServer server)
    {
        var install = new Installation(server);
        await install.IssueAsync();
        await install.PrecheckAsync();
        await install.ActivateAsync();
        return await install.RegisterAsync();
    }

    private async Task<System.Text.Json.JsonElement> StepAsync(string step, object body) => (await PostAsync("/api/v2/slowdns/install/" + step, body)).GetProperty("data");

    private async Task<System.Text.Json.JsonElement> PostAsync(string path, object? body, params (string Name, string Value)[] headers)
    {
        var answer = await server.CallAsync("POST", path, null, body, headers);
        answer.Status.Should().BeInRange(200, 201, "{0} said {1}", path, answer.Body);
        return answer.Json;
    }
}

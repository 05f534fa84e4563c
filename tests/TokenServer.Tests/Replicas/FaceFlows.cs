using System.Security.Cryptography;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>What the clients of every face do, each step at another replica and held against what one server would have said.</summary>
/// <param name="caller">Gives a client with an address of its own.</param>
/// <param name="from">Gives a client that calls from an address, or from this machine.</param>
internal sealed class FaceFlows(Func<HttpClient> caller, Func<string?, HttpClient> from)
{
    public IReadOnlyList<(string Name, Func<Task> Run)> All =>
        [("InTunnel", InTunnelAsync), ("VPN Enterprise", VpnAsync), ("PIN", PinAsync), ("Account", AccountAsync), ("install", InstallAsync), ("release", ReleaseAsync), ("administration", AdministrationAsync)];

    private async Task InTunnelAsync()
    {
        var http = caller();
        string token = (await http.CallAsync("POST", "/api/login", null, new { email = "carl@example.com", password = TestImport.Password })).Should200()["token"]!;
        var made = (await http.CallAsync("POST", "/api/tunnels", token, new { name = RandomNumberGenerator.GetHexString(16) })).ShouldSay(201).Json.GetProperty("tunnel");
        string id = made.Number("id").ToString(), first = made.Text("token");
        (await http.CallAsync("GET", "/api/tunnels", token)).Should200().Body.Should().Contain($"\"id\":{id},");
        (await http.IsActiveAsync(first, "relay")).Should().BeTrue();
        string second = (await http.CallAsync("POST", $"/api/tunnels/{id}/regenerate", token)).Should200().Json.GetProperty("tunnel").Text("token");
        await Honoured.UntilRefusedAsync(() => http.IsActiveAsync(first, "relay"));
        (await http.IsActiveAsync(second, "relay")).Should().BeTrue();
        (await http.CallAsync("DELETE", $"/api/tunnels/{id}", token)).ShouldSay(204);
        (await http.CallAsync("POST", "/api/logout", token)).Should200();
        await Honoured.UntilRefusedAsync(async () => Accepts(await http.CallAsync("GET", "/api/tunnels", token)));
    }

    private async Task VpnAsync()
    {
        var http = caller();
        var session = (await http.CallAsync("POST", "/auth/login", null, new { email = "carl@example.com", password = TestImport.Password })).Should200();
        (await http.CallAsync("GET", "/v1/auth/me", session["token"])).Should200();
        var next = (await http.CallAsync("POST", "/auth/refresh", null, new { refresh_token = session["refresh_token"] })).Should200();
        (await http.CallAsync("POST", "/v1/auth/logout", next["token"])).Should200();
        await Honoured.UntilRefusedAsync(async () => Accepts(await http.CallAsync("GET", "/auth/me", session["token"])));
        (await http.CallAsync("POST", "/auth/refresh", null, new { refresh_token = next["refresh_token"] })).ShouldSay(401);
    }

    private async Task PinAsync()
    {
        var http = caller();
        string token = (await http.CallAsync("POST", "/api/auth", null, new { pin = ReplicaImport.Pin })).Should200()["token"]!;
        (await http.CallAsync("GET", "/api/status", token)).Should200();
        (await http.IsActiveAsync(token, "relay")).Should().BeTrue();
    }

    private async Task AccountAsync()
    {
        var http = caller();
        var session = (await http.CallAsync("POST", "/api/v1/auth/login", null, new { username = "ann", password = TestImport.Password })).Should200();
        var key = (await http.CallAsync("POST", "/api/v1/auth/keys", session["token"], new { name = "ci" })).ShouldSay(201);
        (await http.CallAsync("GET", "/api/v1/auth/keys", session["token"])).Should200().Body.Should().Contain(key["keyId"]);
        (await http.CallAsync("GET", "/auth/me", key["apiKey"])).Should200();
        (await http.CallAsync("DELETE", "/api/v1/auth/keys/" + key["keyId"], session["token"])).ShouldSay(204);
        await Honoured.UntilRefusedAsync(async () => Accepts(await http.CallAsync("GET", "/auth/me", key["apiKey"])));
        var next = (await http.CallAsync("POST", "/api/v1/auth/refresh", null, new { refreshToken = session["refreshToken"] })).Should200();
        (await http.CallAsync("POST", "/api/v1/auth/logout", next["token"])).Should200();
        await Honoured.UntilRefusedAsync(async () => Accepts(await http.CallAsync("GET", "/api/v1/auth/keys", next["token"])));
    }

    private async Task InstallAsync()
    {
        var install = await new Installation(caller()).UpToAsync(Installation.Confirm);
        (await install.DoAsync(Installation.Confirm)).ShouldRefuse(409, "install_token_consumed");
        (await install.DoAsync(Installation.CheckIn)).Should200();
        (await install.DoAsync(Installation.Revoke)).Should200();
        (await install.DoAsync(Installation.CheckIn)).ShouldRefuseFlat(401, "server_revoked");
    }

    private async Task ReleaseAsync()
    {
        var install = await new Installation(caller()).UpToAsync(Installation.Activate);
        (await install.DoAsync(Installation.Release)).Should200();
        (await install.DoAsync(Installation.Confirm)).ShouldRefuse(409, "activation_released");
    }

    // nginx lets only this machine administrate.
    private async Task AdministrationAsync()
    {
        var http = from(null);
        string admin = await http.AdminTokenAsync(), name = "client-" + RandomNumberGenerator.GetHexString(16);
        string secret = (await http.CallAsync("POST", "/admin/api/clients", admin, new { client_id = name, grant_types = new[] { "client_credentials" }, scope = "api" })).ShouldSay(201)["client_secret"]!;
        // Every replica knows of it within a second.
        string token = "";
        await Honoured.UntilAcceptedAsync(async () => await TokenAsync() is { Length: > 0 } one && (token = one).Length > 0);
        await Honoured.UntilAcceptedAsync(() => http.IsActiveAsync(token));
        foreach (string list in (string[])["users", "sessions", "audit", "keys", "installs/codes", "servers"]) (await http.CallAsync("GET", "/admin/api/" + list, admin)).Should200();
        (await http.CallAsync("POST", $"/admin/api/clients/{name}/revoke", admin)).Should200();
        for (int i = 0; i < ReplicaProcesses.Count; i++) await Honoured.UntilRefusedAsync(() => http.IsActiveAsync(token));
        (await http.CallAsync("DELETE", "/admin/api/clients/" + name, admin)).Should200();

        async Task<string?> TokenAsync() => (await http.PostFormAsync("/connect/token", name, [("grant_type", "client_credentials")], secret))["access_token"];
    }

    private static bool Accepts(Answer answer) => answer.Status == 401 ? false : answer.Should200().Status == 200;
}

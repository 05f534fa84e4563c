using System.Diagnostics;
using System.Security.Cryptography;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Replicas;

/// <summary>What one replica has acknowledged as revoked, every replica refuses within a second (contract section 6).</summary>
[Collection(ReplicaCollection.Name)]
public sealed class RevocationTests(SharedReplicas shared, ITestOutputHelper output)
{
    private static readonly int Rounds = Scale.Of(20, otherwise: 6);
    private readonly HttpClient[] replicas = [.. Enumerable.Range(0, ReplicaProcesses.Count).Select(i => shared.Set is null ? new() : shared.Set.Connect(Caller.NewAddress())[i])];

    [PostgresFact]
    public async Task An_ended_session() => await MeasureAsync("session", async _ =>
    {
        var session = (await replicas[0].SignInAsync()).Should200();
        return (http => http.IsActiveAsync(session["access_token"]!), http => http.RevokeAsync("web", session["refresh_token"]!));
    });

    [PostgresFact]
    public async Task A_revoked_client() => await MeasureAsync("client", async admin =>
    {
        string name = "client-" + RandomNumberGenerator.GetHexString(16);
        string secret = (await replicas[0].CallAsync("POST", "/admin/api/clients", admin, new { client_id = name, grant_types = new[] { "client_credentials" }, scope = "api" })).ShouldSay(201)["client_secret"]!;
        string token = (await replicas[0].PostFormAsync("/connect/token", name, [("grant_type", "client_credentials")], secret)).Should200()["access_token"]!;
        return (http => http.IsActiveAsync(token), http => http.CallAsync("POST", $"/admin/api/clients/{name}/revoke", admin));
    });

    [PostgresFact]
    public async Task A_clients_old_secret() => await MeasureAsync("old secret", async admin =>
    {
        string name = "client-" + RandomNumberGenerator.GetHexString(16);
        string old = (await replicas[0].CallAsync("POST", "/admin/api/clients", admin, new { client_id = name, grant_types = new[] { "client_credentials" }, scope = "api" })).ShouldSay(201)["client_secret"]!;
        (await replicas[0].CallAsync("POST", $"/admin/api/clients/{name}/secret", admin, new { keep_old_for = 3600 })).Should200();
        return (async http => (await http.PostFormAsync("/connect/token", name, [("grant_type", "client_credentials")], old)).Status == 200,
            http => http.CallAsync("DELETE", $"/admin/api/clients/{name}/secret/old", admin));
    });

    [PostgresFact]
    public async Task A_disabled_account() => await MeasureAsync("account", async admin =>
    {
        var users = (await replicas[0].CallAsync("GET", "/admin/api/users?username=dora", admin)).Should200().Json.GetProperty("items");
        long id = users[0].Number("id");
        (await replicas[0].CallAsync("POST", $"/admin/api/users/{id}/enable", admin)).Should200();
        var session = (await replicas[0].SignInAsync("dora")).Should200();
        return (http => http.IsActiveAsync(session["access_token"]!), http => http.CallAsync("POST", $"/admin/api/users/{id}/disable", admin));
    });

    [PostgresFact]
    public async Task A_deleted_API_key()
    {
        var signedIn = (await replicas[0].CallAsync("POST", "/api/v1/auth/login", null, new { username = "ann", password = TestImport.Password })).Should200();
        await MeasureAsync("API key", async _ =>
        {
            var key = (await replicas[0].CallAsync("POST", "/api/v1/auth/keys", signedIn["token"], new { name = "ci" })).ShouldSay(201);
            return (async http => (await http.CallAsync("GET", "/auth/me", key["apiKey"])).Status == 200, http => http.CallAsync("DELETE", "/api/v1/auth/keys/" + key["keyId"], signedIn["token"]));
        });
    }

    [PostgresFact]
    public async Task A_revoked_server() => await MeasureAsync("server", async _ =>
    {
        var install = await new Installation(replicas[0], ("X-Forwarded-For", Caller.NewAddress())).UpToAsync(Installation.Register);
        return (http => http.IsActiveAsync(install.ServerToken, "fleet"), http => http.CallAsync("POST", "/revoke", install.ServerToken));
    });

    /// <summary>Makes something, sees that every replica takes it for good, revokes it at one, and asks all of them from the acknowledgement on.</summary>
    private async Task MeasureAsync(string what, Func<string, Task<(Func<HttpClient, Task<bool>> Accepts, Func<HttpClient, Task<Answer>> Revoke)>> make)
    {
        string admin = await replicas[0].AdminTokenAsync();
        var times = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            replicas[0] = shared.Set.Connect(Caller.NewAddress())[0];
            var (accepts, revoke) = await make(admin);
            foreach (var replica in replicas) await Honoured.UntilAcceptedAsync(() => accepts(replica));
            var revoked = await revoke(replicas[round % ReplicaProcesses.Count]);
            long acknowledged = Stopwatch.GetTimestamp();
            revoked.Status.Should().BeOneOf([200, 204], revoked.Body);
            times.Add((await Task.WhenAll(replicas.Select(r => Honoured.UntilRefusedAsync(() => accepts(r), acknowledged)))).Max().TotalMilliseconds);
        }
        times.Sort();
        output.WriteLine($"{what}: refused by all three after p50 {At(0.5):0} ms, p99 {At(0.99):0} ms, max {times[^1]:0} ms ({Rounds} rounds)");
        times[^1].Should().BeLessThan(Honoured.Promise.TotalMilliseconds);

        double At(double share) => times[(int)Math.Ceiling(share * times.Count) - 1];
    }
}

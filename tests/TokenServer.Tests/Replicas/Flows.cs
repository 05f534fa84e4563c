using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>What clients of every grant do, each step at another replica and held against what one server would have said.</summary>
/// <param name="replicas">The replicas.</param>
/// <param name="way">How requests come to them.</param>
/// <param name="address">Where that begins.</param>
internal sealed class Flows(ReplicaProcesses replicas, HttpMessageHandler way, string address)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private int secondFactors;

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<(string Name, Func<Task> Run)> All =>
    [
        ("password and refresh", PasswordAsync), ("two factors", TwoFactorAsync), ("client credentials", ClientCredentialsAsync), ("opaque token", OpaqueAsync), ("install grant", InstallGrantAsync),
        .. new FaceFlows(Connect, Connect).All,
    ];

    /// <summary>A client that calls from an address; from this machine where null.</summary>
    public HttpClient Connect(string? callsFrom) => Caller.Create(way, address, callsFrom);

    private HttpClient Connect() => Connect(Caller.NewAddress());

    private async Task PasswordAsync()
    {
        var http = Connect();
        var session = (await http.SignInAsync()).Should200();
        (await http.IsActiveAsync(session["access_token"]!)).Should().BeTrue();
        (await http.CallAsync("GET", "/connect/userinfo", session["access_token"])).Should200();
        var next = (await http.RefreshAsync(session["refresh_token"]!)).Should200();
        (await http.RefreshAsync(session["refresh_token"]!)).Should200()["refresh_token"].Should().Be(next["refresh_token"]);
        (await http.IsActiveAsync(next["refresh_token"]!, "web")).Should().BeTrue();
        (await http.RevokeAsync("web", next["refresh_token"]!)).Should200();
        await Task.WhenAll(Enumerable.Range(0, ReplicaProcesses.Count).Select(_ => Honoured.UntilRefusedAsync(() => http.IsActiveAsync(session["access_token"]!))));
        (await http.RefreshAsync(next["refresh_token"]!)).ShouldSay(400)["error"].Should().Be("invalid_grant");
    }

    private async Task ClientCredentialsAsync()
    {
        var http = Connect();
        string token = (await http.TokenAsync("worker", ("grant_type", "client_credentials"))).Should200()["access_token"]!;
        for (int i = 0; i < ReplicaProcesses.Count; i++) (await http.IsActiveAsync(token)).Should().BeTrue();
        (await http.RevokeAsync("worker", token)).Should200();
        await Honoured.UntilRefusedAsync(() => http.IsActiveAsync(token));
    }

    private async Task OpaqueAsync()
    {
        var http = Connect();
        string token = (await http.TokenAsync("opaque", ("grant_type", "client_credentials"))).Should200()["access_token"]!;
        (await http.IsActiveAsync(token)).Should().BeTrue();
        (await http.RevokeAsync("opaque", token)).Should200();
        await Honoured.UntilRefusedAsync(() => http.IsActiveAsync(token));
    }

    // A code is good once, and three steps of time are: so few sign in.
    private async Task TwoFactorAsync()
    {
        if (Interlocked.Exchange(ref secondFactors, 1) == 1) return;
        try
        {
            // A code of the step before would end in the middle of a slow answer.
            long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30, step = Math.Max(replicas.LastStep + 1, now);
            if (step > now + 1)
            {
                // There is no other code for some seconds, and other flows need the processor meanwhile.
                await Task.Delay(Pause);
                return;
            }
            var http = Connect();
            string code = Authenticator.Code(TestImport.TotpSecret, DateTimeOffset.FromUnixTimeSeconds(step * 30)), due = await TempTokenAsync(http), another = await TempTokenAsync(http);
            // Whatever becomes of the answer, the code may be used up.
            replicas.LastStep = step;
            (string Name, string Value) grant = ("grant_type", "urn:tokenserver:grant-type:two_factor");
            var session = (await http.TokenAsync("web", grant, ("temp_token", due), ("code", code))).Should200();
            (await http.IsActiveAsync(session["access_token"]!)).Should().BeTrue();
            (await http.TokenAsync("web", grant, ("temp_token", another), ("code", code))).ShouldSay(400)["error"].Should().Be("invalid_grant", "a code is good once");
        }
        finally
        {
            Volatile.Write(ref secondFactors, 0);
        }
    }

    private static async Task<string> TempTokenAsync(HttpClient http)
    {
        var due = (await http.SignInAsync("john")).ShouldSay(400);
        due["error"].Should().Be("mfa_required");
        return due["temp_token"]!;
    }

    private async Task InstallGrantAsync()
    {
        var http = Connect();
        var install = await new Installation(http).UpToAsync(Installation.Precheck);
        install.Take((await http.TokenAsync("panel", [("grant_type", InstallRequests.GrantType), .. install.ActivationFields.Select(f => (f.Key, f.Value))])).Should200());
        (await http.IsActiveAsync(install.InstallToken, "fleet")).Should().BeTrue();
        (await install.DoAsync(Installation.Register)).ShouldSay(201);
        (await install.DoAsync(Installation.Confirm)).Should200();
    }
}

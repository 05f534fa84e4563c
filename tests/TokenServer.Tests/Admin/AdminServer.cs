using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>A server, the token of a client with the scope admin, and the administration's requests in short.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    /// <summary>The client that administers, confidential with the test secret.</summary>
    public const string Robot = "robot";
    private static readonly string[] NoInstallLimits =
    [
        "--InstallLifecycle:CodesPerIpPerHour=1000", "--InstallLifecycle:CodesPerIpPerDay=1000", "--InstallLifecycle:CodesPerSessionPerHour=1000", "--InstallLifecycle:CodesPerFingerprintPerHour=1000",
        "--InstallLifecycle:ActivationsPerIpPerDay=1000", "--InstallLifecycle:ActivationsPerMachinePerDay=1000",
    ];

    private AdminServer(TestServer server, string token) => (Server, Token) = (server, token);

    public TestServer Server { get; }
    public string Token { get; }

    public static async Task<AdminServer> StartAsync(params string[] settings)
    {
        var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. NoInstallLimits, .. settings]);
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = Robot, ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "admin api" }, "test");
        return await OfAsync(server);
    }

    /// <summary>The same server with a new token, after the clock was moved.</summary>
    public static async Task<AdminServer> OfAsync(TestServer server) => new(server, (await server.TokenAsync(Robot, ("grant_type", "client_credentials"), ("scope", "admin")))["access_token"]!);

    /// <summary>Sends <paramref name="call"/>, for example <c>GET /clients</c>, with the robot's token.</summary>
    public Task<Answer> CallAsync(string call, object? body = null, params (string Name, string Value)[] headers)
    {
        string[] parts = call.Split(' ', 2);
        return Server.CallAsync(parts[0], "/admin/api" + parts[1], Token, body, headers);
    }

    /// <summary>Sends a request that must succeed with <paramref name="status"/>.</summary>
    public async Task<Answer> DoAsync(string call, object? body = null, int status = 200)
    {
        var answer = await CallAsync(call, body);
        answer.Status.Should().Be(status, "{0} said {1}", call, answer.Body);
        return answer;
    }

    /// <summary>The items of a list.</summary>
    public async Task<System.Text.Json.JsonElement[]> ListAsync(string pathAndQuery) => [.. (await DoAsync("GET " + pathAndQuery)).Json.GetProperty("items").EnumerateArray()];

    /// <summary>A member of each item of a list.</summary>
    public async Task<string[]> ListAsync(string pathAndQuery, string member) => [.. (await ListAsync(pathAndQuery)).Select(i => i.GetProperty(member).ToString())];

    /// <summary>The figures of a revocation, in the answer's order, without <c>dry_run</c>.</summary>
    public static long[] Figures(Answer answer) => [.. ((string[])["sessions", "refresh_tokens", "api_keys", "tunnels", "servers"]).Select(name => answer.Json.Number(name))];

    /// <summary>The newest audit entry.</summary>
    public async Task<System.Text.Json.JsonElement> LastEntryAsync(string? happened = null) =>
        (await ListAsync("/audit?limit=1" + (happened is null ? "" : $"&event={happened}")))[0];

    public int IdOf(string user) => Server.Get<TokenServer.Accounts.UserAccounts>().FindByLogin(user)!.Id;

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>One such server for the tests of a class that do not get into each other's way.</summary>
public sealed class SharedAdmin : IAsyncLifetime
{
    internal AdminServer Admin { get; private set; } = null!;

    public async Task InitializeAsync() => Admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await Admin.DisposeAsync();
}

/// <summary>What every error of the administration looks like.</summary>
internal static class Problems
{
    /// <summary>Fails unless the answer is problem details (RFC 9457) of this status, and of this OAuth error if one is named.</summary>
    public static void ShouldBeProblem(this Answer answer, int status, string? error = null, string because = "")
    {
        answer.Status.Should().Be(status, "{0} said {1}", because, answer.Body);
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/problem+json; charset=utf-8", because);
        answer.Headers.CacheControl!.ToString().Should().Be("no-store", because);
        answer.Json.Names().Should().Equal(error is null ? ["type", "title", "status", "detail"] : ["type", "title", "status", "detail", "error"], because);
        (answer["type"], answer.Json.Number("status"), answer["error"]).Should().Be(("about:blank", status, error), because);
        answer["title"].Should().NotBeNullOrEmpty(because);
        answer["detail"].Should().NotBeNullOrEmpty(because);
        bool challenges = status == 401 || error is "insufficient_scope" or "insufficient_user_authentication";
        answer.Headers.WwwAuthenticate.ToString().Should().Be(!challenges ? "" : error is null ? "Bearer realm=\"TokenServer\"" : $"Bearer realm=\"TokenServer\", error=\"{error}\"", because);
    }
}

using TokenServer.Accounts.Pins;
using TokenServer.Clients;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Robustness;

/// <summary>A server with everything prepared that each face needs for a request that writes, and these requests.</summary>
internal sealed class EveryWrite : IAsyncDisposable
{
    private const string Busy = "The server is busy; try again";
    private readonly Browser browser;

    private EveryWrite(TestServer server, Browser browser) => (Server, this.browser) = (server, browser);

    public TestServer Server { get; }

    /// <summary>An access token and the refresh token of its session, which none of the requests uses.</summary>
    public Answer Session { get; private set; } = null!;

    /// <summary>The requests, each with what a 503 of its face looks like.</summary>
    public IReadOnlyList<(string Name, Func<Task<Answer>> Send, Action<Answer> ShouldBeUnavailable)> Requests { get; private set; } = [];

    public static async Task<EveryWrite> StartAsync(params string[] settings)
    {
        var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. InstallRequests.NoInstallLimits, .. settings]);
        await server.AddInstallClientsAsync();
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "robot", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "admin" }, "test");
        await server.Get<PinFile>().SetAsync("1234", "test");
        var all = new EveryWrite(server, new Browser(server)) { Session = await server.SignInAsync() };
        await all.browser.GetAsync("/account/sign-in");
        all.Requests = [.. await all.ConnectAsync(), .. await all.FacesAsync(), .. await all.InstallsAsync(), .. await all.AdministrationAsync()];
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await Server.DisposeAsync();
    }

    private async Task<(string, Func<Task<Answer>>, Action<Answer>)[]> ConnectAsync()
    {
        var session = await Server.SignInAsync();
        string revoked = await Server.WorkerTokenAsync();
        static void Shape(Answer a) => a["error"].Should().Be("temporarily_unavailable", a.Body);
        return
        [
            ("refresh", () => Server.RefreshAsync(session["refresh_token"]!), Shape),
            ("sign-in", () => Server.SignInAsync(), Shape),
            ("second factor due", () => Server.SignInAsync(user: "john"), Shape),
            ("revocation", () => Server.PostAsync("/connect/revoke", "worker", ("token", revoked)), Shape),
        ];
    }

    private async Task<(string, Func<Task<Answer>>, Action<Answer>)[]> FacesAsync()
    {
        Door inTunnel = Door.InTunnel, vpn = Door.Vpn, account = Door.Account;
        var (ofVpn, ofAccount) = (await vpn.SignInAsync(Server), await account.SignInAsync(Server));
        string bearer = await inTunnel.TokenAsync(Server);
        static void Success(Answer a) => a.Body.Should().Be($$"""{"success":false,"error":"{{Busy}}"}""");
        static void Plain(Answer a) => a.Body.Should().Be($$"""{"error":"{{Busy}}"}""");
        return
        [
            ("InTunnel login", () => inTunnel.SignInAsync(Server), Success),
            ("InTunnel tunnel", () => Server.CallAsync("POST", "/api/tunnels", bearer, new { name = "office" }), Success),
            ("VPN login", () => vpn.SignInAsync(Server), Success),
            ("VPN refresh", () => vpn.RefreshAsync(Server, ofVpn["refresh_token"]!), Success),
            ("Account login", () => account.SignInAsync(Server), Plain),
            ("Account key", () => Server.CallAsync("POST", "/api/v1/auth/keys", account.AccessToken(ofAccount), new { name = "ci" }), Plain),
            ("Account logout", () => Server.CallAsync("POST", "/api/v1/auth/logout", account.AccessToken(ofAccount)), Plain),
            ("PIN, a wrong one", () => Server.CallAsync("POST", "/api/auth", null, new { pin = "4321" }), Plain),
        ];
    }

    private async Task<(string, Func<Task<Answer>>, Action<Answer>)[]> InstallsAsync()
    {
        var opened = await new Installation(Server).OpenPageAsync();
        Task<Installation> NewAsync(string step) => new Installation(Server).UpToAsync(step);
        Installation issued = await NewAsync(Installation.Issue), prechecked = await NewAsync(Installation.Precheck), activated = await NewAsync(Installation.Activate), registered = await NewAsync(Installation.Register);
        static void Envelope(Answer a) => a.ShouldRefuse(503, "unavailable");
        static void Flat(Answer a) => a.ShouldRefuseFlat(503, "unavailable");
        return
        [
            ("issue", () => opened.DoAsync(Installation.Issue), Envelope), ("precheck", () => issued.DoAsync(Installation.Precheck), Envelope),
            ("activate", () => prechecked.DoAsync(Installation.Activate), Envelope), ("register", () => activated.DoAsync(Installation.Register), Flat),
            ("checkin", () => registered.DoAsync(Installation.CheckIn), Flat), ("confirm", () => registered.DoAsync(Installation.Confirm), Envelope),
        ];
    }

    private async Task<(string, Func<Task<Answer>>, Action<Answer>)[]> AdministrationAsync()
    {
        string admin = (await Server.TokenAsync("robot", ("grant_type", "client_credentials"), ("scope", "admin")))["access_token"]!;
        static void Problem(Answer a) => (a.ContentHeaders.ContentType?.MediaType, a["status"]).Should().Be(("application/problem+json", "503"));
        return
        [
            ("administration", () => Server.CallAsync("POST", "/admin/api/clients", admin, new { client_id = "new", grant_types = new[] { "client_credentials" } }), Problem),
            ("page", () => browser.PostAsync("/account/sign-in", ("username", "bob"), ("password", TestImport.Password), ("return", "/account")), a => a.ContentHeaders.ContentType?.MediaType.Should().Be("text/html")),
        ];
    }
}

using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Authorize;

/// <summary>What a stranger may have stored is limited by address (<c>RateLimits:Authorize</c>); who is signed in, and a client that has
/// proved who it is, store nothing that counts.</summary>
public sealed class StoredRequestRateTests
{
    [Fact]
    public async Task A_strangers_requests_are_stored_up_to_the_limit()
    {
        await using var server = await StartAsync();
        using var stranger = new Browser(server);
        for (int i = 0; i < 3; i++)
            (await stranger.GetAsync(CodeClient.Address())).Headers.Location!.OriginalString.Should().StartWith("/account/sign-in?");
        (await stranger.AuthorizeAsync())["error"].Should().Be("temporarily_unavailable");
        (await stranger.AuthorizeAsync("shop", ("prompt", "none")))["error"].Should().Be("login_required", "nothing is stored for that");
        (await stranger.PostAsync("/connect/authorize", CodeClient.Parameters())).Back()["error"].Should().Be("temporarily_unavailable");
        using var bob = await Browser.OfAsync(server);
        (await bob.AuthorizeAsync()).Should().ContainKey("code");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await stranger.GetAsync(CodeClient.Address())).Status.Should().Be(303);
    }

    [Fact]
    public async Task A_public_clients_pushed_requests_count_and_a_confidential_ones_do_not()
    {
        await using var server = await StartAsync();
        for (int i = 0; i < 5; i++) (await PushAsync(server, "shop", CodeClient.Callback)).Status.Should().Be(201);
        for (int i = 0; i < 3; i++) (await PushAsync(server, "app", "http://127.0.0.1/cb")).Status.Should().Be(201);
        var refused = await PushAsync(server, "app", "http://127.0.0.1/cb");
        (refused.Status, refused["error"], refused.Headers.RetryAfter!.Delta).Should().Be((429, "slow_down", TimeSpan.FromMinutes(1)));
    }

    private static Task<TestServer> StartAsync() =>
        TestServer.StartAsync([.. FaceRequests.NoLimits, "--RateLimits:Authorize:Permits=3"], CodeClient.Import);

    private static Task<Answer> PushAsync(TestServer server, string client, string redirectUri)
    {
        var form = CodeClient.Parameters(client, ("redirect_uri", redirectUri), ("client_id", client == "app" ? client : null));
        return server.PostAsync("/connect/par", client == "app" ? null : client, form);
    }
}

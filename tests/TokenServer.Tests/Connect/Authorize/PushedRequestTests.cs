using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Authorize;

/// <summary>Pushed authorization requests (RFC 9126, contract section 9).</summary>
public sealed class PushedRequestTests(CodeServer shared) : IClassFixture<CodeServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Browser bob = shared.Bob;

    [Fact]
    public async Task A_request_is_pushed_and_answered_once()
    {
        var pushed = await PushAsync("push");
        (pushed.Status, pushed["expires_in"]).Should().Be((201, "60"));
        pushed.Headers.CacheControl!.NoStore.Should().BeTrue();
        string uri = pushed["request_uri"]!;
        uri.Should().StartWith("urn:ietf:params:oauth:request_uri:");
        var back = (await bob.GetAsync(Address("push", uri))).Back();
        back["state"].Should().Be("a state");
        (await server.ExchangeAsync(back["code"], "push")).Status.Should().Be(200);
        (await bob.GetAsync(Address("push", uri))).ShouldBeRefusedHere();
    }

    [Fact]
    public async Task How_long_it_is_good_for_is_said_as_it_is_configured()
    {
        await using var own = await TestServer.StartAsync([.. FaceRequests.NoLimits, "--TokenServer:Lifetimes:PushedRequest=00:00:02"], CodeClient.Import);
        // Between two seconds: what is left of them is less.
        foreach (int milliseconds in (int[])[0, 1, 499, 500, 999])
        {
            own.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            (await own.PostAsync("/connect/par", "push", CodeClient.Parameters("push")))["expires_in"].Should().Be("2");
        }
    }

    [Fact]
    public async Task What_stands_beside_the_request_uri_counts_for_nothing()
    {
        string uri = (await PushAsync("push"))["request_uri"]!;
        var back = (await bob.GetAsync(Address("push", uri) + "&state=other&redirect_uri=https%3A%2F%2Fevil.example&scope=nothing")).Back();
        back["state"].Should().Be("a state");
        back.Should().ContainKey("code");
    }

    [Fact]
    public async Task Another_client_has_no_use_of_it() =>
        (await bob.GetAsync(Address("shop", (await PushAsync("push"))["request_uri"]!))).ShouldBeRefusedHere();

    [Fact]
    public async Task A_client_that_has_to_push_is_told_so()
    {
        var back = await bob.AuthorizeAsync("push");
        back["error"].Should().Be("invalid_request");
    }

    [Fact]
    public async Task A_request_that_was_kept_by_the_server_is_none_that_was_pushed()
    {
        using var stranger = new Browser(server);
        var kept = await stranger.PostAsync("/connect/authorize", CodeClient.Parameters("push"));
        kept.Back()["error"].Should().Be("invalid_request");
    }

    [Theory]
    [InlineData("invalid_request", "redirect_uri", "https://client.example/cb/")]
    [InlineData("invalid_request", "redirect_uri", null)]
    [InlineData("unsupported_response_type", "response_type", "token")]
    [InlineData("invalid_scope", "scope", "nothing")]
    [InlineData("invalid_request", "code_challenge", null)]
    [InlineData("invalid_request", "code_challenge_method", "plain")]
    [InlineData("invalid_request", "prompt", "none login")]
    [InlineData("invalid_request", "request_uri", "urn:ietf:params:oauth:request_uri:x")]
    [InlineData("request_not_supported", "request", "eyJhbGciOiJub25lIn0.e30.")]
    public async Task What_is_wrong_is_said_when_it_is_pushed(string error, string parameter, string? value)
    {
        var answer = await PushAsync("push", (parameter, value));
        (answer.Status, answer["error"]).Should().Be((400, error), answer.Body);
    }

    [Fact]
    public async Task A_client_authenticates_as_at_the_token_endpoint()
    {
        var unknown = await server.PostAsync("/connect/par", "nobody", [.. CodeClient.Parameters("push").Where(p => p.Name != "client_id")]);
        (unknown.Status, unknown["error"]).Should().Be((401, "invalid_client"));
        (await server.PostAsync("/connect/par", null, CodeClient.Parameters("push"))).Status.Should().Be(401);
        (await server.PostAsync("/connect/par", "shop", CodeClient.Parameters("push")))["error"].Should().Be("invalid_request");
        (await server.PostAsync("/connect/par", null, CodeClient.Parameters("app", ("redirect_uri", "com.example.app:/cb")))).Status.Should().Be(201);
        (await server.PostAsync("/connect/par", "narrow", CodeClient.Parameters("narrow", ("scope", "api"))))["error"].Should().Be("unauthorized_client");
    }

    [Fact]
    public async Task A_parameter_twice_and_another_method_are_refused()
    {
        (await server.PostAsync("/connect/par", "push", [.. CodeClient.Parameters("push"), ("scope", "openid")]))["error"].Should().Be("invalid_request");
        (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/connect/par"))).Status.Should().Be(405);
    }

    [Fact]
    public async Task It_is_good_for_a_minute_and_once_opened_for_as_long_as_a_sign_in_may_take()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = new Browser(own);
        string late = await PushedAsync(own), opened = await PushedAsync(own);
        (await browser.GetAsync(Address("push", opened))).Headers.Location!.OriginalString.Should().StartWith("/account/sign-in?return=");
        (await browser.GetAsync(Address("push", opened))).Status.Should().Be(303, "a reload is no second use");
        own.Clock.Advance(TimeSpan.FromSeconds(60));
        (await browser.GetAsync(Address("push", late))).ShouldBeRefusedHere();
        own.Clock.Advance(TimeSpan.FromMinutes(28));
        await browser.SignInAsync();
        (await browser.GetAsync(Address("push", opened))).Back().Should().ContainKey("code");
        (await browser.GetAsync(Address("push", opened))).ShouldBeRefusedHere();
    }

    [Fact]
    public async Task What_one_browser_has_begun_no_other_goes_on_with()
    {
        using var first = new Browser(server);
        string path = Address("push", (await PushAsync("push"))["request_uri"]!);
        (await first.GetAsync(path)).Headers.Location!.OriginalString.Should().StartWith("/account/sign-in?return=");
        (await bob.GetAsync(path)).ShouldBeRefusedHere();
        await first.SignInAsync();
        (await first.GetAsync(path)).Back().Should().ContainKey("code");
    }

    [Fact]
    public async Task Of_many_answers_at_once_one_is_given()
    {
        string path = Address("push", (await PushAsync("push"))["request_uri"]!);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => bob.GetAsync(path)));
        answers.Count(a => a.Status == 303).Should().Be(1);
        answers.Where(a => a.Status != 303).Should().OnlyContain(a => a.Status == 400);
    }

    private static string Address(string client, string uri) => $"/connect/authorize?client_id={client}&request_uri={Uri.EscapeDataString(uri)}";

    private static async Task<string> PushedAsync(TestServer server) => (await server.PostAsync("/connect/par", "push", CodeClient.Parameters("push")))["request_uri"]!;

    private Task<Answer> PushAsync(string client, params (string, string?)[] other) => server.PostAsync("/connect/par", client, CodeClient.Parameters(client, other));
}

using System.Net.Http.Headers;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// UserInfo as OpenIddict's own tests ask: expired tokens, the members of each scope and no <c>iss</c> or <c>aud</c> (contract section 1).
/// </summary>
public sealed class UserInfoRequestTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("web", 3600)]
    [InlineData("opaque", 600)]
    public async Task An_expired_token_is_challenged_as_invalid(string client, int lifetime)
    {
        await using var own = await TestServer.StartAsync();
        string token = (await own.SignInAsync(client, scope: "openid"))["access_token"]!;
        own.Clock.Advance(TimeSpan.FromSeconds(lifetime - 1));
        (await own.UserInfoAsync(token)).Status.Should().Be(200);
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        var answer = await own.UserInfoAsync(token);
        answer.ShouldBeError(401, "invalid_token");
        answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.ToString().Should().Contain("error=\"invalid_token\"");
    }

    [Theory]
    [InlineData("openid", "sub")]
    [InlineData("openid api", "sub")]
    [InlineData("openid offline_access", "sub")]
    [InlineData("openid profile email", "sub name preferred_username role email email_verified")]
    public async Task The_scopes_say_which_members_there_are_and_the_protocols_claims_are_none_of_them(string scope, string members)
    {
        var answer = await server.UserInfoAsync((await server.SignInAsync(scope: scope))["access_token"]!);
        answer.Json.Names().Should().BeEquivalentTo(members.Split(' '));
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
    }

    [Fact]
    public async Task A_narrowed_token_tells_what_it_was_narrowed_to()
    {
        string refresh = (await server.SignInAsync(scope: "openid profile email offline_access"))["refresh_token"]!;
        var answer = await server.TokenAsync("web", ("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "openid email"));
        (await server.UserInfoAsync(answer["access_token"]!)).Json.Names().Should().BeEquivalentTo("sub", "email", "email_verified");
    }

    [Fact]
    public async Task A_token_in_the_header_is_good_beside_an_empty_form()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.UserInfo) { Content = new FormUrlEncodedContent([]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await server.SignInAsync())["access_token"]);
        (await server.SendAsync(request))["sub"].Should().Be("1");
    }

    [Fact]
    public async Task A_revoked_token_is_challenged_as_invalid()
    {
        string token = (await server.SignInAsync())["access_token"]!;
        await server.PostAsync(Calls.Revoke, "web", ("token", token));
        (await server.UserInfoAsync(token)).ShouldBeError(401, "invalid_token");
    }
}

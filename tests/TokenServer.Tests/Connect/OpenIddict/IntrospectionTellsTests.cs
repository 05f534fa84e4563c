using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// What introspection tells of each kind of token and when it tells nothing, as OpenIddict's own tests ask and the contract decides
/// (section 1).
/// </summary>
public sealed class IntrospectionTellsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Inactive = """{"active":false}""";
    private static readonly string[] Basic = ["active", "iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope", "token_use"];
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task Each_kind_of_token_is_told_with_its_members_and_no_private_ones()
    {
        var signedIn = await server.SignInAsync();
        string[] ofUser = ["token_type", "username", "auth_time", "sid", "role"];
        var tokens = new (string Token, string Client, string[] More)[]
        {
            (signedIn["access_token"]!, "api", ofUser),
            ((await server.SignInAsync("opaque", scope: "openid api"))["access_token"]!, "api", ofUser),
            (signedIn["refresh_token"]!, "web", ["username"]),
            (await server.WorkerTokenAsync(), "api", ["token_type"]),
            (await server.WorkerTokenAsync("opaque"), "api", ["token_type"]),
        };
        foreach (var (token, client, more) in tokens)
        {
            var answer = await server.IntrospectAsync(token, client);
            answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
            answer.Headers.CacheControl!.ToString().Should().Be("no-store");
            string[] names = [.. answer.Json.Names()];
            names.Should().Contain([.. Basic, .. more]).And.OnlyHaveUniqueItems();
            names.Should().NotContain(n => n.StartsWith("oi_") || n == "token_usage" || n == "error");
        }
    }

    [Fact]
    public async Task Members_have_the_types_of_RFC_7662()
    {
        var told = (await server.IntrospectAsync((await server.SignInAsync())["access_token"]!)).Json;
        told.GetProperty("active").ValueKind.Should().Be(JsonValueKind.True);
        foreach (string name in (string[])["exp", "iat", "auth_time"])
            told.GetProperty(name).ValueKind.Should().Be(JsonValueKind.Number, name);
        foreach (string name in (string[])["iss", "sub", "aud", "client_id", "jti", "scope", "token_type", "token_use", "username"])
            told.GetProperty(name).ValueKind.Should().Be(JsonValueKind.String, name);
        (await server.IntrospectAsync(await server.WorkerTokenAsync())).Json.GetProperty("aud").ValueKind.Should().Be(JsonValueKind.Array);
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    [InlineData("id_token")]
    [InlineData("something_else")]
    public async Task A_wrong_hint_hides_no_token(string hint)
    {
        var signedIn = await server.SignInAsync();
        string opaque = await server.WorkerTokenAsync("opaque");
        foreach (var (token, client) in new[] { (signedIn["refresh_token"]!, "web"), (signedIn["access_token"]!, "web"), (opaque, "api") })
            (await server.PostAsync(Calls.Introspect, client, ("token", token), ("token_type_hint", hint)))["active"].Should().Be("True");
    }

    [Fact]
    public async Task What_has_expired_is_exactly_inactive()
    {
        await using var own = await TestServer.StartAsync();
        var signedIn = await own.SignInAsync();
        string opaque = await own.WorkerTokenAsync("opaque"), worker = await own.WorkerTokenAsync();
        own.Clock.Advance(TimeSpan.FromSeconds(600));
        (await own.IntrospectAsync(opaque)).Body.Should().Be(Inactive);
        own.Clock.Advance(TimeSpan.FromSeconds(3000));
        foreach (string token in (string[])[worker, signedIn["access_token"]!])
            (await own.IntrospectAsync(token)).Body.Should().Be(Inactive);
        (await own.IsActiveAsync(signedIn["refresh_token"]!, "web")).Should().BeTrue();
        own.Clock.Advance(TimeSpan.FromDays(14));
        (await own.IntrospectAsync(signedIn["refresh_token"]!, "web")).Body.Should().Be(Inactive);
    }

    [Fact]
    public async Task A_temp_token_is_exactly_inactive()
    {
        string token = (await server.SignInAsync(user: "john"))["temp_token"]!;
        (await server.IntrospectAsync(token, "web")).Body.Should().Be(Inactive);
    }

    [Fact]
    public async Task A_plus_is_written_as_a_plus()
    {
        var client = new ClientRegistration
        {
            ClientId = "one+one", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "api",
        };
        (await server.Get<ClientRegistry>().AddAsync(client, "test")).Should().BeNull();
        (await server.IntrospectAsync(await server.WorkerTokenAsync("one+one"))).Body.Should().Contain("\"one+one\"");
    }

    [Fact]
    public async Task A_stranger_learns_nothing_of_a_token_whatever_he_hints()
    {
        string token = (await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "files")))["access_token"]!;
        foreach (string hint in (string[])["", "access_token", "refresh_token"])
            (await server.PostAsync(Calls.Introspect, "api", ("token", token), ("token_type_hint", hint))).Body.Should().Be(Inactive);
    }
}

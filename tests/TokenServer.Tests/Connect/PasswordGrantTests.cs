using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>The password grant of accounts without a second factor (contract section 1).</summary>
public sealed class PasswordGrantTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("jane")]
    [InlineData("JANE")]
    [InlineData("jane@example.com")]
    [InlineData("Jane@EXAMPLE.com")]
    public async Task A_user_signs_in_by_name_or_address_whatever_the_case(string user)
    {
        var answer = await server.SignInAsync(user: user);
        answer.Status.Should().Be(200);
        Jwt.Claims(answer["access_token"]!).Text("sub").Should().Be("1");
    }

    [Fact]
    public async Task An_answer_with_all_scopes_has_every_member()
    {
        var answer = await server.SignInAsync();
        answer.Json.Names().Should().BeEquivalentTo("access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token");
        answer["token_type"].Should().Be("Bearer");
        answer.Json.Number("expires_in").Should().Be(3600);
        answer["scope"].Should().Be("openid offline_access api");
    }

    [Fact]
    public async Task Without_openid_there_is_no_id_token_and_without_offline_access_no_refresh_token()
    {
        var answer = await server.SignInAsync(scope: "api");
        answer.Json.Names().Should().BeEquivalentTo("access_token", "token_type", "expires_in", "scope");
    }

    [Fact]
    public async Task Without_scope_the_client_gets_its_own_less_openid_offline_access_and_admin()
    {
        var answer = await server.TokenAsync("web", ("grant_type", "password"), ("username", "jane"), ("password", TestImport.Password));
        answer["scope"].Should().Be("profile email api");
        answer.Json.Names().Should().NotContain(["refresh_token", "id_token"]);
    }

    [Fact]
    public async Task A_public_client_signs_its_user_in_by_its_client_id()
    {
        var answer = await server.TokenAsync(null, ("client_id", "mobile"), ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "offline_access"));
        answer.Status.Should().Be(200);
        Jwt.Claims(answer["access_token"]!).Text("client_id").Should().Be("mobile");
    }

    [Theory]
    [InlineData("jane", "wrong")]
    [InlineData("jane", "Correct horse battery")]
    [InlineData("jane", "correct horse battery ")]
    [InlineData("nobody", TestImport.Password)]
    [InlineData("nobody@example.com", TestImport.Password)]
    [InlineData("1", TestImport.Password)]
    public async Task A_wrong_password_and_an_unknown_user_answer_alike(string user, string password)
    {
        var answer = await server.SignInAsync(user: user, password: password);
        (answer.Status, answer.Body).Should().Be((400, """{"error":"invalid_grant","error_description":"user name or password is wrong"}"""));
    }

    [Theory]
    [InlineData("username", "jane")]
    [InlineData("password", TestImport.Password)]
    public async Task A_missing_user_name_or_password_is_an_invalid_request(string name, string value)
    {
        var answer = await server.TokenAsync("web", ("grant_type", "password"), (name, value));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Theory]
    [InlineData("jäne")]
    [InlineData("Jane\u00A0")]
    [InlineData("\uFFFE\uFFFF")]
    [InlineData("jane\u0301@example.com")]
    [InlineData("' OR 1=1 --")]
    [InlineData("%")]
    public async Task A_strange_user_name_is_only_an_unknown_one(string user)
    {
        var answer = await server.SignInAsync(user: user);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"));
    }

    // Each of these digits asks what else is in the text.
    [Theory]
    [InlineData(255)]
    [InlineData(30_000)]
    public async Task A_user_name_longer_than_any_is_an_unknown_one_and_is_not_prepared(int length)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new StringContent($"grant_type=password&client_id=mobile&password=x&username=\u0627{new string('\u0660', length)}",
                Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        var answer = await server.SendAsync(request);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"));
    }

    [Fact]
    public async Task An_admin_gets_the_admin_scope_through_a_client_that_lists_it()
    {
        var answer = await server.SignInAsync(scope: "admin");
        (answer.Status, answer["scope"]).Should().Be((200, "admin"));
        Jwt.Claims(answer["access_token"]!).Text("role").Should().Be("admin");
    }

    [Fact]
    public async Task A_user_who_is_no_admin_is_refused_the_admin_scope()
    {
        var answer = await server.SignInAsync(user: "bob", scope: "api admin");
        (answer.Status, answer["error"]).Should().Be((400, "invalid_scope"));
    }

    [Fact]
    public async Task A_wrong_password_tells_a_stranger_nothing_of_the_role()
    {
        var answer = await server.SignInAsync(user: "bob", scope: "api admin", password: "wrong");
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"));
    }

    [Fact]
    public async Task A_password_over_1000_characters_is_an_invalid_request()
    {
        var answer = await server.SignInAsync(password: new string('x', 1001));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Fact]
    public async Task A_password_of_1000_characters_is_only_a_wrong_one()
    {
        var answer = await server.SignInAsync(user: "bob", password: new string('x', 1000));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"));
    }
}

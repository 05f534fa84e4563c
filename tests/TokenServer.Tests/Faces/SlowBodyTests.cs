using System.Net.Sockets;
using System.Text;
using TokenServer.Accounts;
using TokenServer.Storage.Rows;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>A session that ends while the body of its request is still on its way does nothing any more (contract section 0).</summary>
public sealed class SlowBodyTests
{
    private static readonly Door Account = Door.Account;

    [Theory]
    [InlineData("logout")]
    [InlineData("disable")]
    [InlineData("password")]
    public async Task It_makes_no_API_key(string end)
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        var answer = await SlowlyAsync(server, "/api/v1/auth/keys", session, """{"name":"late"}""", () => EndAsync(server, session, end));
        (answer.Status, answer.Body).Should().Be((401, """{"error":"Authentication required"}"""));
        await ReviveAsync(server, end);
        (await server.CallAsync("GET", "/api/v1/auth/keys", await TokenAfterAsync(server, end))).Body.Should().Be("[]");
    }

    [Theory]
    [InlineData("logout")]
    [InlineData("disable")]
    [InlineData("password")]
    public async Task It_makes_no_tunnel(string end)
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        var answer = await SlowlyAsync(server, "/api/tunnels", session, """{"name":"late"}""", () => EndAsync(server, session, end));
        (answer.Status, answer.Body).Should().Be((401, """{"success":false,"error":"Invalid token"}"""));
        await ReviveAsync(server, end);
        (await server.CallAsync("GET", "/api/tunnels", await TokenAfterAsync(server, end))).Json.GetProperty("tunnels").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task It_turns_no_second_factor_on()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server), secret = (await server.CallAsync("POST", "/api/v1/auth/2fa/setup", session))["secret"]!;
        string code = Authenticator.Code(secret, server.Clock.GetUtcNow());
        var answer = await SlowlyAsync(server, "/api/v1/auth/2fa/enable", session, $$"""{"code":"{{code}}"}""", () => EndAsync(server, session, "logout"));
        (answer.Status, answer.Body).Should().Be((401, """{"error":"Authentication required"}"""));
        (await Account.SignInAsync(server)).Status.Should().Be(200);
    }

    [Fact]
    public async Task It_turns_no_second_factor_off()
    {
        await using var server = await StartAsync();
        string session = Account.AccessToken(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode()));
        var answer = await SlowlyAsync(server, "/api/v1/auth/2fa/disable", session, $$"""{"password":"{{TestImport.Password}}","code":"{{server.TotpCode(1)}}"}""", () => EndAsync(server, session, "logout"));
        (answer.Status, answer.Body).Should().Be((401, """{"error":"Authentication required"}"""));
        (await Account.SignInAsync(server, "john"))["temp_token"].Should().NotBeNull();
    }

    [Fact]
    public async Task It_changes_no_password()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        var answer = await SlowlyAsync(server, "/api/v1/auth/password", session, $$"""{"current_password":"{{TestImport.Password}}","new_password":"another horse battery"}""", () => EndAsync(server, session, "logout"));
        (answer.Status, answer.Body).Should().Be((401, """{"error":"Authentication required"}"""));
        (await Account.SignInAsync(server)).Status.Should().Be(200);
    }

    [Fact]
    public async Task An_administrator_who_is_none_any_more_when_it_comes_adds_nobody()
    {
        await using var server = await StartAsync();
        string token = (await server.SignInAsync("web", "jane", "admin"))["access_token"]!;
        var accounts = server.Get<UserAccounts>();
        const string Body = """{"username":"late","email":"late@example.com","password":"another horse battery","role":"admin"}""";
        var answer = await SlowlyAsync(server, "/admin/api/users", token, Body, () => accounts.DisableAsync(accounts.FindByLogin("jane")!, "test"));
        answer.Status.Should().Be(401);
        accounts.FindByLogin("late").Should().BeNull();
    }

    [Fact]
    public async Task A_session_that_goes_on_takes_a_slow_body()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        (await SlowlyAsync(server, "/api/v1/auth/keys", session, """{"name":"late"}""", () => Task.CompletedTask)).Status.Should().Be(201);
    }

    private static async Task EndAsync(TestServer server, string session, string end)
    {
        var accounts = server.Get<UserAccounts>();
        if (end == "logout") (await server.CallAsync("POST", "/auth/logout", session)).Status.Should().Be(200);
        else if (end == "disable") await accounts.DisableAsync(accounts.FindByLogin("bob")!, "test");
        else await accounts.SetPasswordAsync(accounts.FindByLogin("bob")!, "another horse battery", "test");
    }

    private static async Task ReviveAsync(TestServer server, string end)
    {
        var accounts = server.Get<UserAccounts>();
        if (end == "disable") await accounts.EnableAsync(accounts.FindByLogin("bob")!, "test");
    }

    private static async Task<string> TokenAfterAsync(TestServer server, string end) =>
        Account.AccessToken(await Account.SignInAsync(server, password: end == "password" ? "another horse battery" : TestImport.Password));

    /// <summary>Sends the head, waits until the server asks for the body, which is when it has looked at the token, and does <paramref name="meanwhile"/> before the body follows.</summary>
    private static async Task<RawAnswer> SlowlyAsync(TestServer server, string path, string bearer, string body, Func<Task> meanwhile)
    {
        var address = new Uri(server.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        string head = $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {bearer}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        (await reader.ReadLineAsync()).Should().Be("HTTP/1.1 100 Continue");
        (await reader.ReadLineAsync()).Should().BeEmpty();
        await meanwhile();
        await stream.WriteAsync(bytes);
        return new RawAnswer(await reader.ReadToEndAsync());
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(FaceRequests.NoLimits);
}

using System.Text.Json;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary>A server in a process of its own with the test clients and users, and the commands beside it.</summary>
internal sealed class CommandServer : IAsyncDisposable
{
    /// <summary>How soon a running server must have seen what a command did.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private readonly TemporaryFolder folder;

    private CommandServer(TemporaryFolder folder, ServerProcess server) => (this.folder, Server) = (folder, server);

    public ServerProcess Server { get; }

    public static async Task<CommandServer> StartAsync()
    {
        var folder = await TestTemplate.FolderAsync();
        var server = await ServerProcess.StartAsync(folder.Path, ("RateLimits:Password:Permits", "1000"));
        return new CommandServer(folder, server);
    }

    public Task<ServerProcess.Ended> RunAsync(string command, string? input = null) => ServerProcess.RunAsync(folder.Path, command.Split(' '), input);

    /// <summary>Runs a command that must succeed; its output.</summary>
    public async Task<string> DoAsync(string command, string? input = null)
    {
        var ended = await RunAsync(command, input);
        ended.ExitCode.Should().Be(0, "{0} said {1}", command, ended.Error);
        return ended.Output;
    }

    public Task<Answer> SignInAsync(string user = "bob", string password = TestImport.Password) =>
        Server.PostAsync("/connect/token", "web", TestImport.Secret, ("grant_type", "password"), ("username", user), ("password", password), ("scope", "openid offline_access api"));

    public Task<Answer> RefreshAsync(string token) => Server.PostAsync("/connect/token", "web", TestImport.Secret, ("grant_type", "refresh_token"), ("refresh_token", token));

    public Task<Answer> ClientTokenAsync(string client = "worker", string secret = TestImport.Secret) => Server.PostAsync("/connect/token", client, secret, ("grant_type", "client_credentials"));

    public async Task<bool> IsActiveAsync(string token) =>
        (await Server.PostAsync("/connect/introspect", "api", TestImport.Secret, ("token", token))).Json.GetProperty("active").GetBoolean();

    /// <summary>The <c>kid</c>s of the published keys.</summary>
    public async Task<string[]> KeyIdsAsync()
    {
        using var jwks = JsonDocument.Parse(await Server.Http.GetStringAsync("/.well-known/jwks"));
        return [.. jwks.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("kid").GetString()!)];
    }

    /// <summary>Whether the server shows it within a second from now.</summary>
    public static async Task ShouldSoonAsync(Func<Task<bool>> condition) => (await Eventually.TrueAsync(condition, Soon)).Should().BeTrue("a running server sees a command's change within a second");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        folder.Dispose();
    }
}

using System.Net.Http.Headers;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Robustness;

/// <summary>The disk is full, or the database file is overwritten, under a running server: 503, and no restart when it is right again.</summary>
public sealed class DiskFaultTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Long = Eventually.Never;
    private static readonly (string, string?)[] Settings = [("RateLimits:Password:Permits", "100000"), ("TokenServer:Issuer", "https://tokens.example")];
    private readonly TemporaryFolder folder = new();
    private ServerProcess server = null!;
    private Answer session = null!;

    private string Database => Path.Combine(folder.Path, "tokenserver.db");

    public async Task InitializeAsync()
    {
        await TestTemplate.CopyAsync(folder.Path);
        server = OperatingSystem.IsWindows() ? await ServerProcess.StartAsync(folder.Path, Settings) : await ServerProcess.StartUnderFileLimitAsync(folder.Path, Settings);
        session = await SignInAsync();
        session.Status.Should().Be(200);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose() => folder.Dispose();

    [SqliteCommandFact("prlimit")]
    public async Task A_full_disk_is_503_until_there_is_room_again()
    {
        await LimitFilesAsync(new FileInfo(Database + "-wal").Length.ToString());
        (await Eventually.TrueAsync(async () => (await SignInAsync()).Status == 503, Long)).Should().BeTrue("no file grows any more");
        await ShouldBeUnavailableAsync();
        await ShouldCheckTokensAsync();
        (await UserInfoAsync()).Should().Be(200, "what is there can be read");
        await LimitFilesAsync("unlimited");
        await ShouldGoOnAsync();
    }

    [SqliteCommandFact("prlimit")]
    public async Task A_server_on_a_full_disk_still_ends_when_it_is_told_to()
    {
        await LimitFilesAsync(new FileInfo(Database + "-wal").Length.ToString());
        (await Eventually.TrueAsync(async () => (await SignInAsync()).Status == 503, Long)).Should().BeTrue();
        (await Command.SignalAsync("TERM", server.Id)).Code.Should().Be(0);
        (await Eventually.TrueAsync(IsGoneAsync, Long)).Should().BeTrue();
        await server.DisposeAsync();
        server = await ServerProcess.StartAsync(folder.Path, Settings);
        await ShouldGoOnAsync();
    }

    [SqliteFact("it is about the file")]
    public async Task An_overwritten_database_is_503_until_it_is_put_back()
    {
        // A checkpoint brings everything into the file; from here on the log is empty, and reads come from the file.
        Backups.BackupFile.Ask(Database, "PRAGMA wal_checkpoint(TRUNCATE)");
        byte[] whole = await File.ReadAllBytesAsync(Database);
        await OverwriteAsync([.. Enumerable.Repeat((byte)0xA5, whole.Length)]);
        (await Eventually.TrueAsync(async () => (await SignInAsync()).Status == 503, Long)).Should().BeTrue();
        await ShouldBeUnavailableAsync();
        (await server.Http.GetAsync("/api/v2/healthz")).StatusCode.Should().Be(System.Net.HttpStatusCode.ServiceUnavailable);
        await ShouldCheckTokensAsync();
        (await UserInfoAsync()).Should().Be(503, "it tells what the database knows");
        await OverwriteAsync(whole);
        await ShouldGoOnAsync();
        (await ServerProcess.RunAsync(folder.Path, ["audit", "verify"])).ExitCode.Should().Be(0);
    }

    private Task<Answer> SignInAsync() => server.PostAsync("/connect/token", "web", TestImport.Secret,
        ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "openid offline_access api"));

    private async Task ShouldBeUnavailableAsync()
    {
        var answer = await SignInAsync();
        (answer.Status, answer["error"]).Should().Be((503, "temporarily_unavailable"));
        answer.Headers.RetryAfter!.Delta.Should().BePositive();
        (await RefreshAsync()).Status.Should().Be(503, "it begins with a write");
        (await PostAsync("/api/login", """{"email":"bob","password":"correct horse battery"}""")).Should().Be((503, """{"success":false,"error":"The server is busy; try again"}"""));
        (await PostAsync("/api/v1/auth/login", """{"username":"bob","password":"correct horse battery"}""")).Should().Be((503, """{"error":"The server is busy; try again"}"""));
    }

    // A signed token is checked by its signature, its times and what is known to be dead: no query.
    private async Task ShouldCheckTokensAsync()
    {
        var active = await server.PostAsync("/connect/introspect", "api", TestImport.Secret, ("token", session["access_token"]!));
        (active.Status, active["active"]).Should().Be((200, "True"));
        (await server.PostAsync("/connect/token", "worker", TestImport.Secret, ("grant_type", "client_credentials"))).Status.Should().Be(200);
    }

    private async Task<int> UserInfoAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", session["access_token"]) } };
        using var info = await server.Http.SendAsync(request);
        return (int)info.StatusCode;
    }

    private Task<Answer> RefreshAsync() => server.PostAsync("/connect/token", "web", TestImport.Secret, ("grant_type", "refresh_token"), ("refresh_token", session["refresh_token"]!));

    private async Task ShouldGoOnAsync()
    {
        (await Eventually.TrueAsync(async () => (await SignInAsync()).Status == 200, Long)).Should().BeTrue();
        (await RefreshAsync()).Status.Should().Be(200);
    }

    private async Task<(int, string)> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
        using var response = await server.Http.PostAsync(path, content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    // To this server, no file may be longer: what a full disk is to a program, without the rights to fill one.
    private async Task LimitFilesAsync(string most)
    {
        string[] words = OrdinaryUser.As("prlimit", "--pid", server.Id.ToString(), $"--fsize={most}:");
        var (code, output) = await Command.RunAsync(words[0], words[1..]);
        code.Should().Be(0, output);
    }

    private async Task<bool> IsGoneAsync() => (await Command.SignalAsync("0", server.Id)).Code != 0;

    // In place: a file of another name put in its place would leave the server with the old one.
    private async Task OverwriteAsync(byte[] bytes)
    {
        await using var file = new FileStream(Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        await file.WriteAsync(bytes);
        file.Flush(flushToDisk: true);
    }
}

using System.Security.Cryptography;
using TokenServer.OpenApi;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.OpenApi;

/// <summary>A public validator finds the document valid, and what the server answers to it as described: every example sent, and every kind of mistake.</summary>
public sealed class ValidationTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string Validator = Path.Combine(SampleFiles.RepositoryRoot, "tests", "TokenServer.Tests", "OpenApi", "validator");

    // Nothing but failed client authentications, and streams, are limited there.
    private static readonly string[] Unlimited = ["introspect", "revoke", "watchInstalls", "pollRevocations", "pushAuthorizationRequest"];
    private readonly TemporaryFolder folder = new();

    [NeedsCommandFact("node", "npm")]
    public async Task Every_example_request_is_answered_as_described()
    {
        await using var rig = await Rig.StartAsync();
        await CheckAsync(rig, o => true, (exchanges, o) => exchanges.SendExamplesAsync(o));
    }

    [NeedsCommandFact("node", "npm")]
    public async Task Every_mistake_is_answered_as_described()
    {
        await using var rig = await Rig.StartAsync();
        await CheckAsync(rig, o => true, (exchanges, o) => exchanges.SendMistakesAsync(o));
    }

    [NeedsCommandFact("node", "npm")]
    public async Task Plain_HTTP_is_refused_as_described()
    {
        await using var rig = await Rig.StartAsync("--TokenServer:RequireHttps=true");
        await CheckAsync(rig, o => true, (exchanges, o) => exchanges.SendPlainlyAsync(o));
    }

    [NeedsCommandFact("node", "npm")]
    public async Task Too_many_requests_are_refused_as_described()
    {
        string[] few = ["--RateLimits:Login:Permits=3", "--RateLimits:Api:Permits=3", "--RateLimits:Password:Permits=3", "--RateLimits:Pin:Permits=3", "--RateLimits:Device:Permits=3", "--InstallLifecycle:CodesPerIpPerHour=3", "--InstallLifecycle:ActivationsPerIpPerDay=1"];
        await using var rig = await Rig.StartAsync(few);
        await CheckAsync(rig, o => o.Statuses.Contains(429) && !Unlimited.Contains(o.Id), async (exchanges, o) =>
        {
            rig.Server.Clock.Advance(TimeSpan.FromDays(1));
            await exchanges.SendTooManyAsync(o);
        });
    }

    [NeedsCommandFact("node", "npm")]
    public async Task An_answer_that_is_not_described_is_found()
    {
        await using var rig = await Rig.StartAsync();
        var exchanges = new Exchanges(rig);
        await exchanges.SendPlainlyAsync(DocumentedOperation.All(rig.Server.Get<OpenApiDocument>().Root).Single(o => o.Id == "getHealth"));
        string more = exchanges.Written.Replace("\\u0022status\\u0022:", "\\u0022more\\u0022:1,\\u0022status\\u0022:", StringComparison.Ordinal), other = exchanges.Written.Replace("\"status\":200", "\"status\":418", StringComparison.Ordinal);
        foreach (string changed in (string[])[more, other]) changed.Should().NotBe(exchanges.Written);
        (await RunAsync(rig, exchanges.Written)).Code.Should().Be(0);
        (await RunAsync(rig, more)).Said.Should().Contain("1 problems").And.Contain("must NOT have additional properties");
        (await RunAsync(rig, other)).Said.Should().Contain("1 problems").And.Contain("200 was documented");
    }

    [Fact]
    public void The_lock_file_names_no_registry() => File.ReadAllText(Path.Combine(Validator, "package-lock.json")).Should().NotContain("\"resolved\"").And.Contain("\"integrity\"");

    public void Dispose() => folder.Dispose();

    private async Task CheckAsync(Rig rig, Func<DocumentedOperation, bool> which, Func<Exchanges, DocumentedOperation, Task> send)
    {
        var exchanges = new Exchanges(rig);
        foreach (var operation in DocumentedOperation.All(rig.Server.Get<OpenApiDocument>().Root).Where(which)) await send(exchanges, operation);
        exchanges.Count.Should().BePositive();
        var (code, said) = await RunAsync(rig, exchanges.Written);
        output.WriteLine(said);
        code.Should().Be(0, said);
    }

    private async Task<(int Code, string Said)> RunAsync(Rig rig, string exchanges)
    {
        string document = Path.Combine(folder.Path, "openapi.json"), written = Path.Combine(folder.Path, "exchanges.json");
        await File.WriteAllBytesAsync(document, rig.Server.Get<OpenApiDocument>().Of(rig.Server.Address));
        await File.WriteAllTextAsync(written, exchanges);
        return await Command.RunAsync("node", ["check.js", document, written], await InstallAsync());
    }

    // A copy outside the repository, whose packages are installed once for each lock file.
    internal static Task<string> InstallAsync() => Installed.Value;

    // Of the tests that want it the first installs.
    private static readonly Lazy<Task<string>> Installed = new(InstallOnceAsync);

    private static async Task<string> InstallOnceAsync()
    {
        byte[] lockFile = await File.ReadAllBytesAsync(Path.Combine(Validator, "package-lock.json"));
        string installed = Path.Combine(Path.GetTempPath(), $"tokenserver-openapi-{Environment.UserName}-{Convert.ToHexString(SHA256.HashData(lockFile))[..16]}");
        if (!Directory.Exists(installed))
        {
            string fresh = Directory.CreateTempSubdirectory("tokenserver-openapi-").FullName;
            Copy(fresh);
            var (code, said) = await Command.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], fresh);
            code.Should().Be(0, said);
            Directory.Move(fresh, installed);
        }
        Copy(installed);
        return installed;
    }

    private static void Copy(string target)
    {
        foreach (string file in Directory.EnumerateFiles(Validator)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
    }
}

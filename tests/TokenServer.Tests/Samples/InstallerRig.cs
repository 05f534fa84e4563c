using System.Security.Cryptography;
using InstallLifecycle;
using InstallLifecycle.Codes;
using InstallLifecycle.Storage;
using InstallLifecycle.Tokens;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The real server, where nobody has installed too often, and machines to install on.</summary>
public sealed class InstallerRig : IAsyncLifetime
{
    /// <summary>Settings of a server that limits no installer.</summary>
    internal static readonly string[] NoLimits =
    [
        .. new[] { "CodesPerIpPerHour", "CodesPerIpPerDay", "CodesPerSessionPerHour", "CodesPerFingerprintPerHour", "ActivationsPerIpPerDay", "ActivationsPerMachinePerDay" }
            .Select(name => $"--InstallLifecycle:{name}=1000000"),
    ];

    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServer.StartAsync(NoLimits);

    public async Task DisposeAsync() => await Server.DisposeAsync();

    internal Task<FaultyProxy> ProxyAsync() => FaultyProxy.StartAsync(Server.Address);

    internal Task<string> IssueAsync() => IssueAsync(Server);

    internal CodeHistory HistoryOf(string code) => HistoryOf(Server, code);

    /// <summary>A code of <paramref name="server"/>, as its page shows it.</summary>
    internal static async Task<string> IssueAsync(TestServer server)
    {
        var (issued, refused) = await server.Get<InstallCodes>().IssueAsync(new Requester(new Caller("192.0.2.1", "192.0.2.1", "192.0.2.0"), RandomNumberGenerator.GetHexString(16), "tests", "en"));
        return issued?.InstallCode ?? throw new InvalidOperationException(refused!.Code);
    }

    /// <summary>What has become of a code.</summary>
    internal static CodeHistory HistoryOf(TestServer server, string code) => server.Get<IInstallStorage>().Read(db =>
    {
        var row = server.Get<IInstallStorage>().Find(s => InstallCodes.Find(s, server.Get<InstallKeys>().Read(s), InstallCode.Parse(code)))!;
        var activations = db.Activations.Where(a => a.CodeId == row.Id).OrderBy(a => a.Id).ToList();
        var servers = db.Servers.Where(s => db.Activations.Any(a => a.Id == s.ActivationId && a.CodeId == row.Id)).OrderBy(s => s.Id).ToList();
        return new CodeHistory(row.Status, string.Join(' ', activations.Select(a => a.Status)),
            string.Join(' ', servers.Select(s => s.RevokedAt is not null ? "revoked" : s.LastCheckinAt is not null ? "online" : "registered")), servers.LastOrDefault()?.ServerId);
    });
}

/// <summary>What has become of a code.</summary>
/// <param name="Code">Its status.</param>
/// <param name="Activations">The statuses of its activations, the oldest first.</param>
/// <param name="Servers">Of their servers: registered, online (has checked in) or revoked.</param>
/// <param name="ServerId">The last one of them.</param>
internal sealed record CodeHistory(string Code, string Activations, string Servers, string? ServerId = null)
{
    /// <summary>One install, done at the first attempt.</summary>
    public static readonly CodeHistory Done = new("confirmed", "confirmed", "online");

    /// <summary>Not used yet.</summary>
    public static readonly CodeHistory Fresh = new("issued", "", "");

    public bool Equals(CodeHistory? other) => other is not null && (Code, Activations, Servers) == (other.Code, other.Activations, other.Servers);

    public override int GetHashCode() => HashCode.Combine(Code, Activations, Servers);

    public override string ToString() => $"code {Code}, activations '{Activations}', servers '{Servers}'";
}

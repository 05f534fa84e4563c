using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>Three servers as processes of their own, each with a data directory of its own, on one PostgreSQL database and with one master key.</summary>
internal sealed class ReplicaProcesses : IAsyncDisposable
{
    public const int Count = 3;
    private static readonly string PinHash = new PasswordHasher<object>().HashPassword(new object(), ReplicaImport.Pin);
    private readonly TemporaryFolder folder = new();
    private readonly (string Name, string? Value)[] settings;
    private readonly ServerProcess[] replicas = new ServerProcess[Count];

    private ReplicaProcesses(string connection, (string Name, string? Value)[] more) => settings =
    [
        ("ConnectionStrings:Default", connection), ("TokenServer:MasterKey", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))), ("TokenServer:Issuer", "https://tokens.example"),
        ("TokenServer:TrustedProxies:0", "127.0.0.1"), ("Pin:HashFile", folder.Write("pin.hash", PinHash)), ("TokenServer:ImportFile", folder.Write("import.json", ReplicaImport.Json)),
        // One account may do more than sixty things a minute here; every other limit is what it is, of an address of its own for each caller.
        ("RateLimits:Api:Permits", "1000000"), ("TokenServer:DrainDelay", "00:00:01"), .. more,
    ];

    /// <summary>The last time step whose code john has used.</summary>
    public long LastStep { get; set; }

    public ServerProcess this[int index] => replicas[index];

    /// <summary>Starts them at the same moment, and returns when each knows all that was imported.</summary>
    /// <param name="connection">The database, which may be empty.</param>
    /// <param name="settings">More settings, of all of them.</param>
    public static async Task<ReplicaProcesses> StartAsync(string connection, params (string Name, string? Value)[] settings)
    {
        var set = new ReplicaProcesses(connection, settings);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Count).Select(async i => set.replicas[i] = await set.JoinAsync()));
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more, with settings of its own besides; the caller ends it.</summary>
    public Task<ServerProcess> JoinAsync(params (string Name, string? Value)[] own) => ServerProcess.StartAsync(DataOf(RandomNumberGenerator.GetHexString(16)), [.. settings, .. own]);

    /// <summary>Starts one that has ended again, where it was.</summary>
    public async Task StartAgainAsync(int index)
    {
        var ended = replicas[index];
        await ended.DisposeAsync();
        replicas[index] = await ServerProcess.StartAtAsync(ended.Address, ended.Folder, settings);
    }

    /// <summary>Calls each.</summary>
    /// <param name="address">Whom they take the caller for; the machine itself where null.</param>
    /// <param name="isPatient">Whether a 503 is waited out.</param>
    public HttpClient[] Connect(string? address = null, bool isPatient = true) => [.. replicas.Select(r =>
    {
        HttpMessageHandler way = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false };
        return Caller.Create(isPatient ? new Patient(way) : way, r.Address, address);
    })];

    /// <summary>The way to all of them, each request to the next one.</summary>
    public HttpMessageHandler Spread() => new Spreading([.. replicas.Select(r => new Uri(r.Address))]);

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in replicas.OfType<ServerProcess>()) await replica.DisposeAsync();
        folder.Dispose();
    }

    private string DataOf(string name) => Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;

    private sealed class Spreading(Uri[] addresses) : DelegatingHandler(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        private uint last;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(addresses[Interlocked.Increment(ref last) % (uint)addresses.Length], request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

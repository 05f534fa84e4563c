using TokenServer.Tests.Support;

namespace TokenServer.Tests.Installs;

/// <summary>One server for all installs of a class that meet no limit and move no clock.</summary>
public sealed class InstallServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await StartAsync(InstallRequests.NoInstallLimits);

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>Starts a server with the clients that installs know.</summary>
    internal static async Task<TestServer> StartAsync(params string[] settings)
    {
        var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. settings]);
        await server.AddInstallClientsAsync();
        return server;
    }
}

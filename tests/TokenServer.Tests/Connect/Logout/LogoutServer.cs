using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Logout;

/// <summary>A server whose clients want to hear of logouts, and what they hear.</summary>
public sealed class LogoutServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;
    internal LogoutReceiver Shop { get; private set; } = null!;
    internal LogoutReceiver Wiki { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        (Shop, Wiki) = (await LogoutReceiver.StartAsync(), await LogoutReceiver.StartAsync());
        Server = await TestServer.StartAsync(FaceRequests.NoLimits, LogoutRig.Import(Shop.Address, Wiki.Address), isPatient: true);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Shop.DisposeAsync();
        await Wiki.DisposeAsync();
    }
}

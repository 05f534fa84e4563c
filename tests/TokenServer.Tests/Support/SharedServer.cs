namespace TokenServer.Tests.Support;

/// <summary>One server for all tests of a class that leave it as they found it: they move no clock and use up no limit.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServer.StartAsync(FaceRequests.NoLimits, isPatient: true);

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

namespace InstallLifecycle.Tests.Support;

/// <summary>One host without limits for the tests of a class, which do not disturb each other.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    internal TestHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await TestHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

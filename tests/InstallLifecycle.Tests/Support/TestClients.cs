namespace InstallLifecycle.Tests.Support;

/// <summary>A host whose clients are never revoked; none of the tests here comes through one.</summary>
internal sealed class TestClients : IInstallClients
{
    public bool Vouches(string clientId, DateTime time) => true;
}

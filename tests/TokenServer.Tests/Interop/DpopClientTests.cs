using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Interop;

/// <summary>DPoP as libraries of others speak it: openid-client 6, and oauth4webapi on which that stands. They go by the clock of this
/// machine, so the server's is put right before each.</summary>
public sealed class DpopClientTests(DpopServer shared) : IClassFixture<DpopServer>
{
    private readonly TestServer server = shared.Server;

    [NeedsCommandFact("node", "npm")]
    public async Task Openid_client_signs_in_and_renews()
    {
        string installed = await InstallAsync("openid-client.mjs");
        using var browser = await Browser.OfAsync(server);
        await ShouldBeAsPromisedAsync(installed, "openid-client.mjs", server.Address, browser.Cookies("/connect/authorize"), TestImport.Secret);
    }

    [NeedsCommandFact("node", "npm")]
    public async Task Oauth4webapi_proves_its_keys() =>
        await ShouldBeAsPromisedAsync(await InstallAsync("oauth4webapi.mjs"), "oauth4webapi.mjs", server.Address, TestImport.Secret, TestImport.Password);

    // The sample's packages are both libraries.
    private async Task<string> InstallAsync(string script)
    {
        string installed = await SampleTests.InstallAsync("web-node");
        File.Copy(Path.Combine(SampleFiles.RepositoryRoot, "tests", "TokenServer.Tests", "Interop", "Dpop", script), Path.Combine(installed, script), overwrite: true);
        server.Clock.Advance(TimeProvider.System.GetUtcNow() - server.Clock.GetUtcNow());
        return installed;
    }

    private static async Task ShouldBeAsPromisedAsync(string installed, string script, params string[] arguments)
    {
        var (code, said) = await Command.RunAsync("node", [script, .. arguments], installed);
        code.Should().Be(0, said);
        said.Should().Contain("all as promised");
    }
}

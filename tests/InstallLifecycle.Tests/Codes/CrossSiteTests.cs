using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Codes;

/// <summary>A code is issued to the server's own page, not to another site in the same browser (contract section 5, route 2).</summary>
public sealed class CrossSiteTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly TestHost host = shared.Host;

    [Theory]
    [InlineData("http://127.0.0.1")]
    [InlineData("https://{authority}")]
    [InlineData("http://localhost:{port}")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://{authority}.example.com")]
    [InlineData("http://example.com")]
    [InlineData("http://{authority}/")]
    [InlineData("{authority}")]
    [InlineData("null")]
    [InlineData("http://{authority}, http://example.com")]
    public async Task Another_origin_is_refused(string origin) => (await IssueAsync(("Origin", Fill(origin)))).ShouldFail(403, "cross_site_request");

    [Theory]
    [InlineData("http://{authority}")]
    [InlineData("HTTP://{authority}")]
    public async Task Its_own_origin_passes(string origin) => (await IssueAsync(("Origin", Fill(origin)))).Outcome.Should().Be("201");

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("anything")]
    [InlineData("none, cross-site")]
    public async Task Another_site_is_refused(string site) => (await IssueAsync(("Sec-Fetch-Site", site))).ShouldFail(403, "cross_site_request");

    [Theory]
    [InlineData("same-origin")]
    [InlineData("none")]
    public async Task Its_own_site_and_a_persons_own_request_pass(string site) => (await IssueAsync(("Sec-Fetch-Site", site))).Outcome.Should().Be("201");

    [Theory]
    [InlineData("http://example.com", "same-origin")]
    [InlineData("http://{authority}", "cross-site")]
    public async Task One_wrong_header_is_enough(string origin, string site) => (await IssueAsync(("Origin", Fill(origin)), ("Sec-Fetch-Site", site))).ShouldFail(403, "cross_site_request");

    [Fact]
    public async Task Without_either_header_it_was_no_other_site() => (await IssueAsync()).Outcome.Should().Be("201");

    [Fact]
    public async Task Behind_a_proxy_the_origin_is_the_one_that_the_browser_sees()
    {
        (await IssueAsync(("Origin", Fill("https://{authority}")), (TestHost.SchemeHeader, "https"))).Outcome.Should().Be("201");
        (await IssueAsync(("Origin", Fill("http://{authority}")), (TestHost.SchemeHeader, "https"))).ShouldFail(403, "cross_site_request");
    }

    [Fact]
    public async Task Another_site_is_not_told_whether_the_browser_has_the_page_open() => (await host.IssueAsync(null, ("Sec-Fetch-Site", "cross-site"))).ShouldFail(403, "cross_site_request");

    private async Task<Answer> IssueAsync(params (string Name, string Value)[] headers) => await host.IssueAsync(await host.OpenPageAsync(), headers);

    private string Fill(string origin) => origin.Replace("{authority}", host.Address.Authority).Replace("{port}", host.Address.Port.ToString());
}

using TokenServer.Foundation;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>What <c>form-action</c> says of an address that a form may lead to.</summary>
public sealed class FormTargetTests
{
    [Theory]
    [InlineData("https://app.example.com/cb?x=1", "https://app.example.com")]
    [InlineData("https://App.Example.com:8443/cb", "https://app.example.com:8443")]
    [InlineData("https://b\u00fccher.example/cb", "https://xn--bcher-kva.example")]
    [InlineData("http://127.0.0.1:51004/cb", "http://127.0.0.1:51004")]
    [InlineData("http://localhost/cb", "http://localhost")]
    // The grammar of CSP has no IPv6 address.
    [InlineData("http://[::1]:51004/cb", "http:")]
    [InlineData("com.example.app:/oauth", "com.example.app:")]
    [InlineData("com.example.app://oauth/x", "com.example.app:")]
    public void An_address_is_named_by_its_origin_or_its_scheme(string address, string source) =>
        FormTargets.SourceOf(address).Should().Be(source);

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("blob:https://app.example.com/1")]
    [InlineData("/cb")]
    [InlineData("")]
    [InlineData("https://a b.example/")]
    [InlineData("https://a;script-src/")]
    [InlineData("https://a,b/")]
    public void What_no_client_may_register_is_named_by_nothing_that_means_more(string address) =>
        (FormTargets.SourceOf(address) ?? "https://x").Should().MatchRegex("^https://[a-z0-9.-]+$");
}

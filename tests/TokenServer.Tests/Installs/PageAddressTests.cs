using TokenServer.Tests.Support;

namespace TokenServer.Tests.Installs;

/// <summary>What people copy names the issuer's address where there is one, whatever a request calls the server (contract section 0).</summary>
public sealed class PageAddressTests
{
    [Theory]
    [InlineData("https://id.example.com", "https://id.example.com")]
    [InlineData("https://id.example.com/", "https://id.example.com")]
    [InlineData("https://id.example.com:8443", "https://id.example.com:8443")]
    [InlineData("https://example.com/tenant/a", "https://example.com/tenant/a")]
    public async Task The_install_command_is_of_the_issuer(string issuer, string address)
    {
        await using var server = await InstallServer.StartAsync("--TokenServer:Issuer=" + issuer);
        foreach (string host in (string[])["evil.example", "id.example.com.", "a_b", "127.0.0.1"])
        {
            string page = (await server.CallAsync("GET", "/slowdns", null, null, ("Host", host))).Body;
            page.Should().Contain($"curl -fsS {address}/slowdns/install.sh -o").And.Contain($"SLOWDNS_URL={address} bash").And.NotContain("evil");
        }
    }

    [Theory]
    [InlineData("dns.example.com", "http://dns.example.com")]
    [InlineData("DNS.Example.com.", "http://dns.example.com")]
    [InlineData("dns.example.com:8080", "http://dns.example.com:8080")]
    public async Task Without_an_issuer_it_is_of_the_host_that_was_asked(string host, string address)
    {
        await using var server = await InstallServer.StartAsync();
        (await server.CallAsync("GET", "/slowdns", null, null, ("Host", host))).Body.Should().Contain($"SLOWDNS_URL={address} bash");
        (await server.CallAsync("GET", "/.well-known/openid-configuration", null, null, ("Host", host)))["issuer"].Should().Be(address);
    }

    [Theory]
    [InlineData("dns.example.com", "http://dns.example.com.")]
    [InlineData("DNS.example.com.", "http://dns.example.com")]
    [InlineData("dns.example.com:80", "http://DNS.EXAMPLE.COM")]
    public async Task A_form_of_the_same_host_is_the_pages_own(string host, string origin)
    {
        await using var server = await InstallServer.StartAsync();
        string cookie = (await server.CallAsync("GET", "/slowdns", null, null, ("Host", host))).Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        (await server.CallAsync("POST", "/api/v2/slowdns/code/issue", null, null, ("Host", host), ("Origin", origin), ("Cookie", cookie)))
            .Status.Should().Be(201);
    }
}

using InstallLifecycle.Codes;

namespace InstallLifecycle.Tests.Codes;

/// <summary>One host has many spellings and one origin.</summary>
public sealed class WebOriginTests
{
    [Theory]
    [InlineData("https://id.example.com", "https://id.example.com")]
    [InlineData("HTTPS://ID.Example.COM.", "https://id.example.com")]
    [InlineData("https://id.example.com:443", "https://id.example.com")]
    [InlineData("http://id.example.com:443", "http://id.example.com:443")]
    [InlineData("https://b\u00fccher.example", "https://xn--bcher-kva.example")]
    [InlineData("https://XN--BCHER-KVA.example.:8443", "https://xn--bcher-kva.example:8443")]
    [InlineData("http://[2001:DB8:0::1]:80", "http://[2001:db8::1]")]
    [InlineData("http://127.0.0.1:5000", "http://127.0.0.1:5000")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    public void Of_all_spellings_there_is_one(string text, string canonical) => WebOrigin.Canonical(text).Should().Be(canonical);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("id.example.com")]
    [InlineData("https://")]
    [InlineData("https://id.example.com/")]
    [InlineData("https://id.example.com/path")]
    [InlineData("https://id.example.com?x")]
    [InlineData("https://user@id.example.com")]
    [InlineData("https://id.example.com https://b.example")]
    [InlineData(" https://id.example.com")]
    [InlineData("https://id.example.com:99999")]
    [InlineData("https://a$(b)")]
    public void What_is_no_origin_has_none(string? text) => WebOrigin.Canonical(text).Should().BeNull();
}

using System.Text.Json;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Conformance;

/// <summary>The OpenID Foundation's Config OP plan (oidcc-config-certification-test-plan), whose one module is
/// oidcc-discovery-endpoint-verification: what OpenID Connect Discovery 1.0 section 3 demands of the metadata.</summary>
public sealed class ConfigOpTests(CodeServer shared) : IClassFixture<CodeServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task Oidcc_discovery_endpoint_verification()
    {
        var metadata = await MetadataAsync();
        metadata.Text("issuer").Should().Be(server.Address);
        foreach (string endpoint in (string[])["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "pushed_authorization_request_endpoint"])
            metadata.Text(endpoint).Should().StartWith(server.Address + "/", endpoint);
        metadata.Texts("response_types_supported").Should().Equal("code");
        metadata.Texts("subject_types_supported").Should().Contain("public");
        metadata.Texts("id_token_signing_alg_values_supported").Should().Contain("RS256").And.NotContain("none");
        metadata.Texts("scopes_supported").Should().Contain("openid");
        metadata.Texts("grant_types_supported").Should().Contain("authorization_code").And.NotContain("implicit");
        metadata.Texts("claims_supported").Should().Contain(["sub", "iss", "auth_time", "acr", "sid"]);
        metadata.GetProperty("claims_parameter_supported").GetBoolean().Should().BeFalse();
        metadata.GetProperty("request_parameter_supported").GetBoolean().Should().BeFalse();
        metadata.GetProperty("request_uri_parameter_supported").GetBoolean().Should().BeFalse();
        (await server.Http.GetStringAsync(metadata.Text("jwks_uri"))).Should().Contain("\"keys\"");
    }

    [Fact]
    public async Task The_rest_of_the_code_flow_is_described_too()
    {
        var metadata = await MetadataAsync();
        metadata.Texts("response_modes_supported").Should().BeEquivalentTo("query", "form_post");
        metadata.Texts("code_challenge_methods_supported").Should().Equal("S256");
        metadata.Texts("prompt_values_supported").Should().BeEquivalentTo("none", "login", "consent", "select_account");
        metadata.Texts("acr_values_supported").Should().BeEquivalentTo("urn:tokenserver:acr:pwd", "urn:tokenserver:acr:mfa");
        metadata.GetProperty("authorization_response_iss_parameter_supported").GetBoolean().Should().BeTrue();
    }

    private async Task<JsonElement> MetadataAsync() => JsonDocument.Parse(await server.Http.GetStringAsync("/.well-known/openid-configuration")).RootElement;
}

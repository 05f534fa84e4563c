using System.Buffers;
using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Connect.Introspection;
using TokenServer.Connect.Revocation;
using TokenServer.Connect.Token;
using TokenServer.Connect.UserInfo;
using TokenServer.Foundation;
using TokenServer.Keys;

namespace TokenServer.Connect.Discovery;

/// <summary>The metadata documents (RFC 8414, OpenID Connect Discovery 1.0), which list exactly what works, and the key set (RFC 7517).</summary>
internal sealed class DiscoveryEndpoints(Issuer issuer, KeyRing keys, ScopeRegistry scopes, IEnumerable<IGrant> grants)
{
    private const string Jwks = "/.well-known/jwks", ForAnHour = "public, max-age=3600", ForAQuarter = "public, max-age=900";
    private static readonly string[] SecretMethods = ["client_secret_basic", "client_secret_post"];
    private static readonly string[] Claims = ["sub", "iss", "aud", "exp", "iat", "auth_time", "amr", "at_hash", "sid", "name", "preferred_username", "role", "email", "email_verified"];
    private readonly string[] grantTypes = [.. grants.Select(g => g.Type)];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<DiscoveryEndpoints>();
        routes.MapGet("/.well-known/openid-configuration", (RequestDelegate)endpoints.MetadataAsync);
        routes.MapGet("/.well-known/oauth-authorization-server", (RequestDelegate)endpoints.MetadataAsync);
        routes.MapGet(Jwks, (RequestDelegate)endpoints.KeysAsync);
    }

    private Task MetadataAsync(HttpContext context) => Json.WriteAsync(context, StatusCodes.Status200OK, Metadata(context.Request), ForAnHour);

    private Task KeysAsync(HttpContext context)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("keys"u8);
        foreach (var key in keys.Keys) json.WriteRawValue(key.Key.PublicJwk);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return Json.WriteAsync(context, StatusCodes.Status200OK, buffer.WrittenSpan, ForAQuarter);
    }

    private byte[] Metadata(HttpRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("issuer"u8, issuer.Of(request));
        json.WriteString("token_endpoint"u8, issuer.Address(request, TokenEndpoint.Path));
        json.WriteString("introspection_endpoint"u8, issuer.Address(request, IntrospectionEndpoint.Path));
        json.WriteString("revocation_endpoint"u8, issuer.Address(request, RevocationEndpoint.Path));
        json.WriteString("userinfo_endpoint"u8, issuer.Address(request, UserInfoEndpoint.Path));
        json.WriteString("jwks_uri"u8, issuer.Address(request, Jwks));
        Write(json, "scopes_supported", scopes.Names);
        Write(json, "response_types_supported", []);
        Write(json, "grant_types_supported", grantTypes);
        Write(json, "subject_types_supported", ["public"]);
        Write(json, "id_token_signing_alg_values_supported", KeyRing.Algorithms.Reverse());
        Write(json, "token_endpoint_auth_methods_supported", [.. SecretMethods, "none"]);
        Write(json, "introspection_endpoint_auth_methods_supported", SecretMethods);
        Write(json, "revocation_endpoint_auth_methods_supported", [.. SecretMethods, "none"]);
        Write(json, "claims_supported", Claims);
        json.WriteBoolean("claims_parameter_supported"u8, false);
        json.WriteBoolean("request_parameter_supported"u8, false);
        json.WriteBoolean("request_uri_parameter_supported"u8, false);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

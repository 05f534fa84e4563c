using System.CommandLine;
using TokenServer.Clients;

namespace TokenServer.Commands;

/// <summary>The options of a client's registration: what is given replaces what was there.</summary>
internal sealed class ClientFields
{
    private readonly Option<string?> name = new("--name") { Description = "name shown to people" },
        scope = new("--scope") { Description = "space-separated scopes it may ask for" },
        method = new("--auth-method") { Description = "how it must show its secret: client_secret_basic or client_secret_post" },
        format = new("--access-token-format") { Description = "jwt or opaque" },
        algorithm = new("--id-token-alg") { Description = "what its ID tokens are signed with: RS256 or ES256" };
    private readonly Option<string[]> grants = Repeated("--grant-type", "a grant type it may use"),
        audiences = Repeated("--audience", "an audience whose tokens it may introspect"),
        addresses = Repeated("--redirect-uri", "an address that a browser may be sent back to");
    private readonly Option<bool> introspection = new("--introspection") { Description = "whether it may introspect tokens" };
    private readonly Option<int?> lifetime = new("--access-token-lifetime") { Description = "seconds; to change takes 0 for the server's" };

    public Option[] All => [name, scope, grants, audiences, addresses, method, format, lifetime, algorithm, introspection];

    /// <summary><paramref name="client"/> with what the command says.</summary>
    public ClientRegistration Apply(ParseResult parsed, ClientRegistration client)
    {
        if (parsed.GetResult(name) is not null) client.ClientName = GivenText.Of(parsed.GetValue(name));
        if (parsed.GetResult(scope) is not null) client.Scope = GivenText.Of(parsed.GetValue(scope));
        if (parsed.GetResult(grants) is not null) client.GrantTypes = GivenText.Of(parsed.GetValue(grants));
        if (parsed.GetResult(audiences) is not null) client.Audiences = GivenText.Of(parsed.GetValue(audiences));
        if (parsed.GetResult(addresses) is not null) client.RedirectUris = GivenText.Of(parsed.GetValue(addresses));
        if (parsed.GetResult(method) is not null) client.TokenEndpointAuthMethod = GivenText.Of(parsed.GetValue(method));
        if (parsed.GetResult(format) is not null) client.AccessTokenFormat = GivenText.Of(parsed.GetValue(format));
        if (parsed.GetResult(algorithm) is not null) client.IdTokenSignedResponseAlg = GivenText.Of(parsed.GetValue(algorithm));
        if (parsed.GetResult(introspection) is not null) client.Introspection = parsed.GetValue(introspection);
        if (parsed.GetResult(lifetime) is not null) client.AccessTokenLifetime = parsed.GetValue(lifetime);
        return client;
    }

    private static Option<string[]> Repeated(string name, string description) =>
        new(name) { Description = description + "; may be repeated", AllowMultipleArgumentsPerToken = true };
}

using System.CommandLine;
using TokenServer.Clients;

namespace TokenServer.Commands;

/// <summary>The options of a client's registration: what is given replaces what was there.</summary>
internal sealed class ClientFields
{
    private readonly Option<string?> name = Text("--name", "name shown to people"),
        scope = Text("--scope", "space-separated scopes it may ask for"),
        method = Text("--auth-method",
            "how it must prove who it is: client_secret_basic, client_secret_post, or private_key_jwt with its --jwks"),
        keys = Text("--jwks", "file with the public keys that it signs with, a JWK Set"),
        format = Text("--access-token-format", "jwt or opaque"),
        algorithm = Text("--id-token-alg", "what its ID tokens are signed with: RS256 or ES256"),
        consent = Text("--consent-type", "whether people are asked: explicit (once), implicit (never) or systematic (each time)"),
        logoutAddress = Text("--backchannel-logout-uri", "where it is told that a session has ended"),
        home = Text("--client-uri", "its home page"), logo = Text("--logo-uri", "its logo"),
        policy = Text("--policy-uri", "its privacy policy"), terms = Text("--tos-uri", "its terms of service");
    private readonly Option<string[]> grants = Repeated("--grant-type", "a grant type it may use"),
        audiences = Repeated("--audience", "an audience whose tokens it may introspect"),
        targets = Repeated("--exchange-audience", "an audience it may exchange a token for"),
        addresses = Repeated("--redirect-uri", "an address that a browser may be sent back to"),
        exits = Repeated("--post-logout-redirect-uri", "an address that a browser may be sent to after it signed out");
    private readonly Option<bool> introspection = Yes("--introspection", "whether it may introspect tokens"),
        proofKey = Yes("--require-pkce", "whether each code wants a challenge; only a confidential client may do without"),
        pushed = Yes("--require-par", "whether its authorization requests must be pushed"),
        bound = Yes("--dpop-bound", "whether its access tokens must be bound to a key"),
        sessionId = Yes("--backchannel-logout-session-required", "whether it wants the session's id when it is told");
    private readonly Option<int?> lifetime = new("--access-token-lifetime") { Description = "seconds; to change takes 0 for the server's" };

    private JsonElement? read;

    public Option[] All =>
    [
        name, scope, grants, audiences, targets, addresses, exits, method, keys, format, lifetime, algorithm, introspection,
        consent, proofKey, pushed, bound, logoutAddress, sessionId, home, logo, policy, terms,
    ];

    /// <summary>Reads the file with the keys, if one is named.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void ReadKeys(ParseResult parsed) =>
        When(parsed, keys, file => read = file is null ? null : ClientKeys.OfText(File.ReadAllText(file)));

    /// <summary><paramref name="client"/> with what the command says.</summary>
    public ClientRegistration Apply(ParseResult parsed, ClientRegistration client)
    {
        When(parsed, name, text => client.ClientName = text);
        When(parsed, scope, text => client.Scope = text);
        When(parsed, method, text => client.TokenEndpointAuthMethod = text);
        When(parsed, keys, _ => client.Jwks = read);
        When(parsed, format, text => client.AccessTokenFormat = text);
        When(parsed, algorithm, text => client.IdTokenSignedResponseAlg = text);
        When(parsed, consent, text => client.ConsentType = text);
        When(parsed, logoutAddress, text => client.BackChannelLogoutUri = text);
        When(parsed, home, text => client.ClientUri = text);
        When(parsed, logo, text => client.LogoUri = text);
        When(parsed, policy, text => client.PolicyUri = text);
        When(parsed, terms, text => client.TosUri = text);
        When(parsed, grants, list => client.GrantTypes = list);
        When(parsed, audiences, list => client.Audiences = list);
        When(parsed, targets, list => client.ExchangeAudiences = list);
        When(parsed, addresses, list => client.RedirectUris = list);
        When(parsed, exits, list => client.PostLogoutRedirectUris = list);
        When(parsed, introspection, yes => client.Introspection = yes);
        When(parsed, proofKey, yes => client.RequirePkce = yes);
        When(parsed, pushed, yes => client.RequirePushedAuthorizationRequests = yes);
        When(parsed, bound, yes => client.DpopBoundAccessTokens = yes);
        When(parsed, sessionId, yes => client.BackChannelLogoutSessionRequired = yes);
        if (parsed.GetResult(lifetime) is not null) client.AccessTokenLifetime = parsed.GetValue(lifetime);
        return client;
    }

    private static void When(ParseResult parsed, Option<string?> option, Action<string?> set)
    {
        if (parsed.GetResult(option) is not null) set(GivenText.Of(parsed.GetValue(option)));
    }

    private static void When(ParseResult parsed, Option<string[]> option, Action<string[]> set)
    {
        if (parsed.GetResult(option) is not null) set(GivenText.Of(parsed.GetValue(option)));
    }

    // The parser has a result for a flag that nobody named, too.
    private static void When(ParseResult parsed, Option<bool> option, Action<bool> set)
    {
        if (parsed.GetResult(option) is { Implicit: false }) set(parsed.GetValue(option));
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };

    private static Option<bool> Yes(string name, string description) => new(name) { Description = description };

    private static Option<string[]> Repeated(string name, string description) =>
        new(name) { Description = description + "; may be repeated", AllowMultipleArgumentsPerToken = true };
}

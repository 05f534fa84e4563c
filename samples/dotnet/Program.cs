using System.Text.Json;
using TokenServer.Sample;

// The whole life of a token, with the clients and users of samples/demo.json. Stops, non-zero, at the first thing that is not as promised.
var url = new Uri(args.FirstOrDefault() ?? Environment.GetEnvironmentVariable("TOKENSERVER_URL") ?? "http://localhost:5000");
ClientCredential web = new("web", "web-demo-secret"), worker = new("worker", "worker-demo-secret"), boundWorker = new("bound-worker", "bound-worker-demo-secret"),
    resourceServer = new("api", "api-demo-secret");
const string JohnsAuthenticator = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
using var http = new HttpClient();

try
{
    var server = await AuthorizationServer.DiscoverAsync(http, url);
    Promise.Holds(server.Issuer == url.GetLeftPart(UriPartial.Authority), "the issuer is the server's address");
    Step($"discovery: issuer {server.Issuer}");
    var verifier = new TokenVerifier(await server.KeysAsync(), server.Issuer);

    // Signing in with a password, and checking both tokens offline.
    var first = await server.TokenAsync(web, ("grant_type", "password"), ("username", "jane.doe"), ("password", "demo-password-of-jane"), ("scope", "openid profile offline_access api"));
    Promise.Holds(first.Text("error") is null && first.Text("token_type") == "Bearer", "the password grant gives tokens");
    Step($"password: tokens for {first.Text("expires_in")} s, scope \"{first.Text("scope")}\"");
    var access = verifier.AccessToken(Access(first), "api");
    var identity = verifier.IdToken(first.Text("id_token")!, "web", Access(first));
    Promise.Holds(access.Text("client_id") == "web" && access.Text("sub") == identity.Text("sub"), "both tokens speak of one user");
    Step($"access token and id token: signatures and claims hold, sub {access.Text("sub")}");

    // Asking the server.
    var user = await server.UserInfoAsync(Access(first));
    Promise.Holds(user.Text("sub") == access.Text("sub") && user.Text("preferred_username") == "jane.doe", "userinfo speaks of the same user");
    Step($"userinfo: {user.Text("name")}");
    var told = await server.IntrospectAsync(resourceServer, Access(first));
    Promise.Holds(told.GetProperty("active").GetBoolean() && told.Text("token_use") == "access" && told.Text("sid") == access.Text("sid"), "introspection says active");
    Step("introspection: active");

    // Refreshing: the refresh token rotates, and an answer that was lost may be asked for again.
    var second = await RefreshAsync(server, first);
    Promise.Holds(second.Text("refresh_token") is { } next && next != first.Text("refresh_token"), "the refresh token rotates");
    Promise.Holds(verifier.AccessToken(Access(second), "api").Text("sid") == access.Text("sid"), "the session is the same");
    verifier.IdToken(second.Text("id_token")!, "web", Access(second));
    Step("refresh: a new access token and the next refresh token of the same session");
    var again = await RefreshAsync(server, first);
    Promise.Holds(again.Text("refresh_token") == second.Text("refresh_token") && Access(again) != Access(second), "there is one successor");
    Step("refresh again within the leeway: the same next refresh token");

    // A second factor: the password alone gives no token.
    var refusal = await server.TokenAsync(web, ("grant_type", "password"), ("username", "john.roe"), ("password", "demo-password-of-john"), ("scope", "openid api"));
    Promise.Holds(refusal.Text("error") == "mfa_required" && refusal.Text("access_token") is null, "john.roe needs a code");
    string code = Totp.Code(JohnsAuthenticator, TimeProvider.System.GetUtcNow());
    var john = await server.TokenAsync(web, ("grant_type", "urn:tokenserver:grant-type:two_factor"), ("temp_token", refusal.Text("temp_token")!), ("code", code));
    Promise.Holds(john.Text("error") is null, "the code completes the sign-in");
    verifier.AccessToken(Access(john), "api");
    Promise.Holds(verifier.IdToken(john.Text("id_token")!, "web", Access(john)).GetProperty("amr").EnumerateArray().Any(m => m.GetString() == "mfa"), "amr has mfa");
    Step("second factor: a code completes the sign-in");

    // A client of its own.
    var own = await server.TokenAsync(worker, ("grant_type", "client_credentials"), ("scope", "api"));
    Promise.Holds(verifier.AccessToken(Access(own), "api").Text("sub") == "worker" && own.Text("refresh_token") is null, "a client gets an access token alone");
    Step("client credentials: an access token, no refresh token");

    // A token that is bound to a key (RFC 9449): whoever copies it cannot use it. This client has to sign the server's nonce, too.
    using var dpop = new Dpop();
    var bound = await server.TokenAsync(dpop, boundWorker, ("grant_type", "client_credentials"), ("scope", "api"));
    string key = verifier.AccessToken(Access(bound), "api").GetProperty("cnf").Text("jkt")!;
    Promise.Holds(bound.Text("token_type") == "DPoP" && key == dpop.Thumbprint, "the token is bound to the key");
    Promise.Holds((await server.IntrospectAsync(resourceServer, Access(bound))).GetProperty("cnf").Text("jkt") == key, "introspection says to which");
    var resource = new Uri("https://api.example.com/things?page=2");
    var seen = new HashSet<string>();
    string proof = dpop.Prove("GET", resource, Access(bound));
    string? Problem(string method) => Dpop.Check(proof, method, resource, Access(bound), key, (id, _) => seen.Add(id));
    Promise.Holds(Problem("POST") is not null, "a proof is for one method");
    Promise.Holds(Problem("GET") is null, "a resource server takes the proof");
    Promise.Holds(Problem("GET") is not null, "it takes it once");
    Step("DPoP: a token bound to a key, and the proof that a resource server checks");

    // Revoking.
    await server.RevokeAsync(worker, Access(own));
    await HoldsInactiveAsync(server, own);
    Step("revocation of a client's own token: inactive");
    await server.RevokeAsync(web, second.Text("refresh_token")!);
    await HoldsInactiveAsync(server, first, second, again);
    Promise.Holds((await RefreshAsync(server, second)).Text("error") == "invalid_grant", "an ended session is not refreshed");
    Step("revocation of the refresh token: the session has ended, all its tokens are inactive");
    return 0;
}
catch (Exception e) when (e is BrokenPromiseException or HttpRequestException or JsonException)
{
    await Console.Error.WriteLineAsync($"NOT {e.Message}");
    return 1;
}

static void Step(string text) => Console.WriteLine($"ok  {text}");

static string Access(JsonElement tokens) => tokens.Text("access_token") ?? throw new BrokenPromiseException($"there is an access token in {tokens}");

Task<JsonElement> RefreshAsync(AuthorizationServer server, JsonElement tokens) =>
    server.TokenAsync(web, ("grant_type", "refresh_token"), ("refresh_token", tokens.Text("refresh_token")!));

async Task HoldsInactiveAsync(AuthorizationServer server, params JsonElement[] answers)
{
    foreach (var tokens in answers)
        Promise.Holds(!(await server.IntrospectAsync(resourceServer, Access(tokens))).GetProperty("active").GetBoolean(), "introspection says inactive");
}

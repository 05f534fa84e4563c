using System.Text;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Tests.Support;

/// <summary>Clients that want to hear of logouts, and sessions of theirs that were begun from a browser's sign-in.</summary>
internal static class LogoutRig
{
    public const string After = "https://shop.example.com/bye", Queried = "https://shop.example.com/bye?from=op";

    /// <summary>shop and wiki: told at <paramref name="shop"/> and <paramref name="wiki"/>; quiet: told of nothing. bob and jane.</summary>
    public static string Import(string? shop = null, string? wiki = null) => $$"""
        {
          "clients": [ {{Client("shop", shop, $"\"{After}\", \"{Queried}\"")}}, {{Client("wiki", wiki, "\"https://wiki.example.com/\"")}},
            {{Client("quiet", null, "")}} ],
          "scopes": [{ "name": "api", "resources": ["api"] }],
          "users": [
            { "username": "bob", "email": "bob@example.com", "password": "{{TestImport.Password}}" },
            { "username": "jane", "email": "jane@example.com", "role": "admin", "password": "{{TestImport.Password}}" }
          ]
        }
        """;

    private static string Client(string id, string? told, string after) => $$"""
        { "client_id": "{{id}}", "client_secret": "{{TestImport.Secret}}", "client_name": "The {{id}}", "scope": "openid offline_access api",
          "grant_types": ["authorization_code", "password", "refresh_token"], "redirect_uris": ["https://{{id}}.example.com/callback"],
          "post_logout_redirect_uris": [{{after}}]{{(told is null ? "" : $", \"backchannel_logout_uri\": \"{told}\"")}} }
        """;

    /// <summary>The account's id.</summary>
    public static int AccountOf(this TestServer server, string user) => server.Get<UserAccounts>().FindByLogin(user)!.Id;

    /// <summary>The browser's own session: the account's newest of the server's own client.</summary>
    public static long SignInOf(this TestServer server, string user) => server.Get<OpenSessions>().Of(server.AccountOf(user))
        .First(s => s.Client.IsInternal).Id;

    /// <summary>A session as the exchange of a code begins it, from a browser's sign-in.</summary>
    public static async Task<long> BeginAsync(this TestServer server, string client, long? signIn, string user = "bob", bool offline = false)
    {
        var account = server.Get<UserAccounts>().FindByLogin(user)!;
        var scopes = ScopeSet.Parse(offline ? "openid offline_access api" : "openid api");
        return (await server.Get<Database>().WriteAsync(s => server.Get<UserSessions>().Start(s, account,
            server.Get<ClientRegistry>().Find(client)!, scopes, ["pwd"], offline, null, signIn,
            server.Clock.GetUtcNow().UtcDateTime))).Session.Id;
    }

    /// <summary>Whether a session goes on.</summary>
    public static bool GoesOn(this TestServer server, long session, string user = "bob") =>
        server.Get<OpenSessions>().Find(server.AccountOf(user), session) is not null;

    /// <summary>The id_token of such a session, as the token endpoint writes it.</summary>
    public static string IdToken(this TestServer server, string client, long session, string user = "bob", string type = "JWT",
        SigningKey? key = null)
    {
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        return Jwt.Make(key ?? server.Get<KeyRing>().Active(SigningKey.RS256), type, Encoding.UTF8.GetBytes($$"""
            {"iss":"{{server.Address}}","sub":"{{server.AccountOf(user)}}","aud":"{{client}}","iat":{{now - 7200}},"exp":{{now - 3600}},
            "sid":"{{TimeOrderedId.ToText(session)}}"}
            """));
    }
}

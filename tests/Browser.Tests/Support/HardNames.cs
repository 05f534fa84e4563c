using System.Text.Json;
using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Tunnels;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace Browser.Tests.Support;

/// <summary>A server in which everything that people name has a name that is hard to show: a hundred characters without a place to break,
/// from right to left, emoji. One account has it all, and administers.</summary>
internal sealed class HardNames
{
    /// <summary>Who has it all, and signs in: a hundred characters from right to left.</summary>
    public static readonly string Administrator = string.Concat(Enumerable.Repeat("مدير", 25));

    private const string Code = "authorization_code";

    /// <summary>Sixty-four characters or code points each, which is what the shortest of the limits allows.</summary>
    private static readonly string[] Names = [new('n', 64), string.Concat(Enumerable.Repeat("שלום", 16)), string.Concat(Enumerable.Repeat("🦄", 32))];

    private HardNames(RealServer server) => Server = server;

    public RealServer Server { get; }

    /// <summary>Where a client with a hard name asks the account for everything.</summary>
    public string Authorize { get; } = "/connect/authorize?client_id=hard1&response_type=code&redirect_uri=" + Uri.EscapeDataString(Callback)
        + "&scope=openid%20profile%20hard&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    private const string Callback = "https://client.example/cb";

    /// <summary>What each kind of parameter of a route is here, by the part of the path before it.</summary>
    public Dictionary<string, string> Parameters { get; } = [];

    public static async Task<HardNames> StartAsync()
    {
        var server = await RealServer.StartAsync(Content);
        var hard = new HardNames(server);
        await server.InstallAsync(await server.IssueCodeAsync(), string.Join('.', Enumerable.Repeat(new string('h', 60), 4)));
        await server.InstallAsync(await server.IssueCodeAsync());
        await server.IssueCodeAsync();
        for (int i = 0; i < 10; i++) await server.FailAsync();
        await server.SignInAsync("user1");
        return hard;
    }

    /// <summary>Gives everything that hangs on the account's sign-in, once that is there.</summary>
    public async Task FillAsync()
    {
        var account = Server.Get<UserAccounts>().FindByLogin(Administrator)!;
        var session = Server.Get<OpenSessions>().Of(account.Id)[0];
        var owner = new Owner(account.Id, session.Id, "127.0.0.1");
        foreach (string name in Names)
        {
            await Server.Get<UserTunnels>().AddAsync(owner, name);
            await Server.Get<UserApiKeys>().AddAsync(owner, name);
            Parameters["passkeys"] = await AddPasskeyAsync(account.Id, name);
        }
        await Server.Get<EmailChanges>().AskAsync(owner, $"{new string('b', 64)}@{new string('m', 60)}.example.com");
        Parameters["users"] = Text(account.Id);
        Parameters["email-change"] = Server.Get<EmailChanges>().Of(account.Id)!.PublicId;
        Parameters["authenticators"] = Server.Get<UserAuthenticators>().Of(account.Id)[0].PublicId;
        Parameters["tunnels"] = Text(Server.Get<UserTunnels>().Of(account.Id)[0].Id);
        Parameters["keys"] = Server.Get<UserApiKeys>().Of(account.Id)[0].KeyId;
        Parameters["sessions"] = TimeOrderedId.ToText(session.Id);
        (Parameters["clients"], Parameters["scopes"]) = ("hard1", "hard");
        var lifecycle = Server.Get<InstallLifecycle.Lifecycle>();
        Parameters["servers"] = lifecycle.Servers(new(null, null, 9))[0].ServerId;
        Parameters["codes"] = Text(lifecycle.Codes(new("issued", null, 9))[0].Id);
        Parameters["activations"] = lifecycle.Activations(new(null, null, 9))[0].ActivationId;
    }

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    // Who administers, others with names of each kind, clients with names of each kind, a scope.
    private static string Content => JsonSerializer.Serialize(new
    {
        users = Names.Select((name, i) => User($"user{i}", $"{i}@{new string('e', 60)}.example.com", name, "user", null))
            .Append(User(new string('u', 100), "u@example.com", new string('w', 100), "auditor", null))
            .Append(User(Administrator, new string('a', 64) + "@example.com", Names[2], "admin", RealServer.TotpSecret)),
        clients = Names.Select((name, i) => new
        {
            client_id = $"hard{i}", client_name = name, redirect_uris = new[] { Callback },
            grant_types = new[] { Code, "refresh_token" }, scope = "openid profile hard", client_secret = RealServer.Secret,
        }).Append(new
        {
            client_id = new string('c', 100), client_name = new string('d', 100), redirect_uris = new[] { Callback + new string('/', 1) + new string('p', 200) },
            grant_types = new[] { Code, "refresh_token" }, scope = "hard", client_secret = RealServer.Secret,
        }),
        scopes = new[] { new { name = "hard", display_name = Names[1], description = Names[2], resources = new[] { "api" } } },
    });

    private static object User(string name, string email, string shown, string role, string? secret) =>
        new { username = name, email, name = shown, role, password = RealServer.Password, totp_secret = secret };

    private Task<string> AddPasskeyAsync(int account, string name) => Server.Get<Database>().WriteAsync(s =>
    {
        long id = Server.Get<TimeOrderedId>().Next();
        s.Execute("""
            INSERT INTO "Passkeys" ("Id", "AccountId", "CredentialId", "PublicKey", "SignCount", "Name", "IsSynced", "Transports", "CreatedAt")
            VALUES (@p0, @p1, @p2, 'AAAA', 0, @p3, @p4, '', @p5)
            """, id, account, System.Buffers.Text.Base64Url.EncodeToString(BitConverter.GetBytes(id)), name, true, Server.Clock.GetUtcNow().UtcDateTime);
        return TimeOrderedId.ToText(id);
    });
}

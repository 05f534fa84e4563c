using System.Reflection;
using Microsoft.Extensions.Caching.Memory;
using OpenIddict.Abstractions;
using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Connect.Introspection;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Remembered;

/// <summary>
/// What one sequence has to itself on the two servers: four clients, a scope, a user, and the tokens they got. Changes are made on the
/// server that remembers, which has to notice them itself; the other one then reads everything anew.
/// </summary>
internal sealed class World(TwoServers servers, int number)
{
    public static readonly string[] Clients = ["worker", "opaque", "resource", "web"];
    public static readonly string[] Tokens = ["own", "narrow", "opaque", "user", "user opaque", "refresh", "garbage", "forged"];
    private const string Actor = "test", Wrong = "no secret of anybody";
    private static readonly FieldInfo Names = typeof(UserNames).GetField("names", BindingFlags.Instance | BindingFlags.NonPublic)!;
    private readonly Dictionary<string, string> secrets = Clients.ToDictionary(c => c, _ => TestImport.Secret);
    private readonly Dictionary<string, string> tokens = Tokens.ToDictionary(t => t, t => t);
    private int user, changes;

    private TestServer Server => servers.Remembering;
    private ClientRegistry Registry => Server.Get<ClientRegistry>();
    private UserAccounts Accounts => Server.Get<UserAccounts>();
    private string Scope => Named("scope");
    private DateTime Now => Server.Clock.GetUtcNow().UtcDateTime;

    public async Task PrepareAsync()
    {
        await ScopeGoneOrBackAsync();
        string[] user = ["password", "refresh_token"], both = ["client_credentials", "password"];
        await AddAsync(new() { ClientId = "worker", GrantTypes = ["client_credentials"], Scope = $"api {Scope}" });
        await AddAsync(new()
            { ClientId = "opaque", GrantTypes = both, Scope = $"api {Scope}", AccessTokenFormat = "opaque", AccessTokenLifetime = 1800 });
        await AddAsync(new() { ClientId = "resource", Audiences = ["api"] });
        await AddAsync(new() { ClientId = "web", GrantTypes = user, Scope = $"openid offline_access api {Scope}" });
        var account = new NewAccount { UserName = Named("user"), Email = Named("user") + "@example.com", Password = TestImport.Password };
        (await Accounts.AddAsync(account, Actor)).Should().BeNull();
        this.user = Accounts.FindByLogin(Named("user"))!.Id;
        await RenewAsync();
        servers.CatchUp(keysToo: false);
    }

    /// <summary>The request of a step as it is to be sent now.</summary>
    public Sent Of(Step step) => step switch
    {
        AskToken ask => Sent.Of(Sent.TokenPath, ask.Spelling, Named(ask.Client), Secret(ask.Client, ask.Secret),
            ("grant_type", "client_credentials"), ("scope", ask.Scope.Replace("own", Scope, StringComparison.Ordinal))),
        AskIntrospection ask => Sent.Of(Sent.IntrospectionPath, ask.Spelling, Named(ask.Client), Secret(ask.Client, ask.Secret),
            ("token", tokens[ask.Token])),
        _ => throw new ArgumentException("it is no request", nameof(step)),
    };

    public async Task ChangeAsync(MakeChange step)
    {
        Task done = step.Change switch
        {
            Change.SecretRotated => RotateSecretAsync(step.Client, keepOldFor: null),
            Change.SecretRotatedAndKept => RotateSecretAsync(step.Client, TimeSpan.FromHours(1)),
            Change.OldSecretEnded => Registry.EndOldSecretAsync(Named(step.Client), Actor),
            Change.ClientRevoked => Registry.RevokeAsync(Named(step.Client), Actor),
            Change.ClientRestored => Registry.RestoreAsync(Named(step.Client), Actor),
            Change.ClientsScopes => EditAsync(step.Client, c => c.Scope = c.Scope!.Contains("api") ? Scope : $"api {Scope}"),
            Change.ClientsAudiences => EditAsync("resource", c => c.Audiences = c.Audiences is ["api"] ? [Scope] : ["api"]),
            Change.ClientsPermission => EditAsync(step.Client, c => c.Introspection = !c.Introspection),
            Change.ClientsLifetime => EditAsync(step.Client, c => c.AccessTokenLifetime = 600 + ++changes),
            Change.ClientsFormat => EditAsync(step.Client, c => c.AccessTokenFormat = c.AccessTokenFormat == "opaque" ? "jwt" : "opaque"),
            Change.ClientsBinding => EditAsync(step.Client, c => c.DpopBoundAccessTokens = !c.DpopBoundAccessTokens),
            Change.ScopeGoneOrBack => ScopeGoneOrBackAsync(),
            Change.KeyRotated => Server.Get<KeyRing>().RotateAsync(SigningKey.ES256, Actor),
            Change.AllKeysReplaced => Server.Get<KeyRing>().ReplaceAllAsync(Actor),
            Change.SessionEnded => EndSessionAsync(),
            Change.TokenRevoked => RevokeAsync(step.Client, step.Token),
            Change.UserRenamed => RenameAsync(),
            Change.UserDisabledOrEnabled => DisableOrEnableAsync(),
            Change.TwentyMinutes => PassAsync(TimeSpan.FromMinutes(20)),
            Change.TwoHours => PassAsync(TimeSpan.FromHours(2)),
            _ => RenewAsync(),
        };
        await done;
        servers.CatchUp(keysToo: step.Change is Change.KeyRotated or Change.AllKeysReplaced);
    }

    private string Named(string name) => $"{name}-{number}";

    private string Secret(string client, Secret which) => which switch
    {
        Remembered.Secret.Right => secrets[client],
        Remembered.Secret.First => TestImport.Secret,
        _ => Wrong,
    };

    private async Task AddAsync(ClientRegistration client)
    {
        (client.ClientId, client.ClientSecret, client.Introspection) = (Named(client.ClientId!), TestImport.Secret, true);
        (await Registry.AddAsync(client, Actor)).Should().BeNull();
    }

    private async Task EditAsync(string client, Action<ClientRegistration> edit) => await Registry.UpdateAsync(Named(client), _ => true, registration =>
    {
        edit(registration);
        return registration;
    }, Actor);

    private async Task RotateSecretAsync(string client, TimeSpan? keepOldFor) =>
        secrets[client] = (await Registry.RotateSecretAsync(Named(client), Actor, keepOldFor))!;

    private async Task ScopeGoneOrBackAsync()
    {
        var scopes = Server.Get<IOpenIddictScopeManager>();
        if (await scopes.FindByNameAsync(Scope) is { } known) await scopes.DeleteAsync(known);
        else await scopes.CreateAsync(new OpenIddictScopeDescriptor { Name = Scope, Resources = { $"{Scope}-{++changes}" } });
    }

    private async Task RevokeAsync(string client, string token) =>
        await Sent.Of(Sent.RevocationPath, Spelling.Basic, Named(client), secrets[client], ("token", tokens[token])).ToAsync(Server);

    private async Task EndSessionAsync()
    {
        // An opaque token does not say which session it is of.
        if (!tokens["user"].Contains('.')) return;
        long session = TimeOrderedId.Parse(Jwt.Claims(tokens["user"]).Text("sid"))!.Value;
        await Server.Get<UserSessions>().EndAsync(session, new AuditEvent("session.ended", Now));
    }

    // No route renames anybody; an application of the customer's may, and it is seen when the name that was read has been forgotten.
    private async Task RenameAsync()
    {
        string name = $"{Named("user")}-{++changes}";
        const string sql = """UPDATE "AspNetUsers" SET "UserName"=@p1, "NormalizedUserName"=@p2 WHERE "Id"=@p0""";
        await Server.Get<Database>().WriteAsync(s => s.Execute(sql, user, name, UserAccounts.Normalize(name)));
        foreach (var server in servers.All) ((MemoryCache)Names.GetValue(server.Get<UserNames>())!).Clear();
    }

    private async Task DisableOrEnableAsync()
    {
        if (!await Accounts.DisableAsync(Accounts.Find(user)!, Actor)) await Accounts.EnableAsync(Accounts.Find(user)!, Actor);
    }

    private Task PassAsync(TimeSpan time)
    {
        Server.Clock.Advance(time);
        return Task.CompletedTask;
    }

    // What is refused now stays as it was.
    private async Task RenewAsync()
    {
        await TakeAsync("worker", [("grant_type", "client_credentials"), ("scope", "api")], ("own", "access_token"));
        await TakeAsync("worker", [("grant_type", "client_credentials"), ("scope", Scope)], ("narrow", "access_token"));
        await TakeAsync("opaque", [("grant_type", "client_credentials")], ("opaque", "access_token"));
        string name = Accounts.Find(user)!.UserName;
        (string, string)[] signIn = [("grant_type", "password"), ("username", name), ("password", TestImport.Password)];
        await TakeAsync("web", [.. signIn, ("scope", "openid offline_access api")], ("user", "access_token"), ("refresh", "refresh_token"));
        await TakeAsync("opaque", [.. signIn, ("scope", "api")], ("user opaque", "access_token"));
        if (tokens["own"].LastIndexOf('.') is var dot and > 0)
            tokens["forged"] = tokens["own"][..(dot + 1)] + string.Concat(tokens["own"][(dot + 1)..].Reverse());
    }

    private async Task TakeAsync(string client, (string, string)[] form, params (string Token, string Member)[] wanted)
    {
        var answer = await Sent.Of(Sent.TokenPath, Spelling.Basic, Named(client), secrets[client], form).ToAsync(Server);
        if (answer.Status == 200) foreach (var (token, member) in wanted) tokens[token] = answer[member]!;
    }
}

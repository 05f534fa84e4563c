using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Pruning;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tokens;

namespace TokenServer.Tests.Accounts;

/// <summary>What accounts have allowed clients: remembered, widened, asked anew, taken back.</summary>
public sealed class ConsentTests
{
    private static readonly ScopeSet OpenId = ScopeSet.Parse("openid"), Both = ScopeSet.Parse("openid api");

    [Fact]
    public async Task What_was_allowed_covers_as_much_and_less_and_is_widened_by_more()
    {
        await using var server = await TestServer.StartAsync();
        var (consents, client, owner) = await BeginAsync(server, "explicit");
        consents.Cover(owner.AccountId, client, OpenId).Should().BeFalse();
        (await consents.AllowAsync(owner, client, OpenId)).Should().Be(NotOwned.Owned);
        consents.Cover(owner.AccountId, client, OpenId).Should().BeTrue();
        consents.Cover(owner.AccountId, client, Both).Should().BeFalse();
        consents.Cover(owner.AccountId + 1, client, OpenId).Should().BeFalse();
        (await consents.AllowAsync(owner, client, ScopeSet.Parse("api"))).Should().Be(NotOwned.Owned);
        consents.Cover(owner.AccountId, client, Both).Should().BeTrue();
        consents.Of(owner.AccountId).Single().Scopes.Should().Equal("openid", "api");
    }

    [Fact]
    public async Task Implicit_asks_only_when_it_must_and_systematic_each_time()
    {
        await using var server = await TestServer.StartAsync();
        var (consents, client, owner) = await BeginAsync(server, "implicit");
        consents.Cover(owner.AccountId, client, Both).Should().BeTrue();
        consents.Cover(owner.AccountId, client, Both, wasAsked: true).Should().BeFalse("prompt=consent asks of everybody, and nobody said yes");
        (consents, client, owner) = await BeginAsync(server, "systematic");
        await consents.AllowAsync(owner, client, Both);
        consents.Cover(owner.AccountId, client, Both).Should().BeFalse();
        consents.Cover(owner.AccountId, client, Both, wasAsked: true).Should().BeTrue();
        consents.Cover(owner.AccountId, client, ScopeSet.Parse("openid api email"), wasAsked: true).Should().BeFalse();
    }

    [Fact]
    public async Task Taking_back_ends_the_clients_sessions_and_codes_of_the_account_and_nobody_elses()
    {
        await using var server = await TestServer.StartAsync();
        var (consents, client, owner) = await BeginAsync(server, "explicit");
        await consents.AllowAsync(owner, client, Both);
        var mine = await server.SignInAsync(user: "bob", scope: "openid offline_access api");
        var others = await server.SignInAsync(user: "jane");
        var elsewhere = await server.SignInAsync("other", user: "bob");
        long code = await CodeAsync(server, client, owner.AccountId), hers = await CodeAsync(server, client, owner.AccountId + 1);
        (await consents.WithdrawAsync(owner, "web")).Should().Be(NotOwned.Owned);
        (await server.IsActiveAsync(mine["access_token"]!, "api")).Should().BeFalse();
        (await server.RefreshAsync(mine["refresh_token"]!)).Status.Should().Be(400);
        (await server.IsActiveAsync(others["access_token"]!, "api")).Should().BeTrue();
        (await server.IsActiveAsync(elsewhere["access_token"]!, "api")).Should().BeTrue();
        (StatusOf(server, code), StatusOf(server, hers)).Should().Be(("revoked", "valid"));
        consents.Cover(owner.AccountId, client, OpenId).Should().BeFalse();
        (await consents.WithdrawAsync(owner, "web")).Should().Be(NotOwned.NotThere);
        (await consents.WithdrawAsync(owner, "nobody")).Should().Be(NotOwned.NotThere);
    }

    [Fact]
    public async Task Nothing_is_allowed_by_who_is_signed_out_or_to_a_client_that_is_revoked()
    {
        await using var server = await TestServer.StartAsync();
        var (consents, client, owner) = await BeginAsync(server, "explicit");
        await server.Get<ClientRegistry>().RevokeAsync("web", "test");
        (await consents.AllowAsync(owner, client, Both)).Should().Be(NotOwned.NotThere);
        await server.Get<UserSessions>().EndAsync(owner, owner.SessionId);
        (await consents.AllowAsync(owner, client, Both)).Should().Be(NotOwned.SignedOut);
        (await consents.WithdrawAsync(owner, "web")).Should().Be(NotOwned.SignedOut);
        consents.Of(owner.AccountId).Should().BeEmpty();
    }

    [Fact]
    public async Task What_belongs_to_nobody_any_more_is_deleted()
    {
        await using var server = await TestServer.StartAsync();
        var (consents, client, owner) = await BeginAsync(server, "explicit");
        await consents.AllowAsync(owner, client, Both);
        await consents.AllowAsync(owner, server.Get<ClientRegistry>().Find("other")!, Both);
        await server.Get<ClientRegistry>().DeleteAsync("web", "test");
        consents.Of(owner.AccountId).Single().Client!.ClientId.Should().Be("other");
        await server.Get<Pruner>().RunAsync(default);
        Rows(server).Should().Be(1);
        await server.Get<AccountAdministration>().DeleteAsync(owner.AccountId, "test");
        Rows(server).Should().Be(0);
    }

    [Fact]
    public async Task Sixty_four_answers_at_once_are_one_row_with_all_that_was_allowed()
    {
        await using var server = await TestServer.StartAsync();
        var (consents, client, owner) = await BeginAsync(server, "explicit");
        string[] scopes = ["openid", "api", "profile", "email"];
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => consents.AllowAsync(owner, client, ScopeSet.Parse(scopes[i % scopes.Length]))));
        Rows(server).Should().Be(1);
        consents.Of(owner.AccountId).Single().Scopes.Should().BeEquivalentTo(scopes);
    }

    /// <summary>The consents, the client web with a consent type, and bob by a session of his.</summary>
    private static async Task<(Consents, Client, Owner)> BeginAsync(TestServer server, string consentType)
    {
        await server.Get<Database>().WriteAsync(s =>
            s.Execute("""UPDATE "OpenIddictApplications" SET "ConsentType"=@p0 WHERE "ClientId"='web'""", consentType));
        server.Get<ClientRegistry>().Reload();
        var account = server.Get<UserAccounts>().FindByLogin("bob")!;
        var first = server.Get<FirstPartyClient>();
        var session = await server.Get<Database>().WriteAsync(s =>
            server.Get<UserSessions>().Start(s, account, first.Client, first.Scopes, ["pwd"], false, null).Session);
        return (server.Get<Consents>(), server.Get<ClientRegistry>().Find("web")!, new Owner(account.Id, session.Id, null));
    }

    private static async Task<long> CodeAsync(TestServer server, Client client, int accountId)
    {
        var token = ReferenceToken.Create(server.Get<TimeOrderedId>().Next());
        DateTime now = server.Clock.GetUtcNow().UtcDateTime;
        await server.Get<Database>().WriteAsync(s => StoredTokens.Insert(s, token, StoredTokens.Code,
            new(client.Id, null, accountId.ToString(), now, now + TimeSpan.FromMinutes(1), null)));
        return token.Id;
    }

    private static string StatusOf(TestServer server, long id) => server.Get<Database>().Read(s =>
        s.First("""SELECT "Status" FROM "OpenIddictTokens" WHERE "Id"=@p0""", r => r.GetString(0), id))!;

    private static int Rows(TestServer server) => server.Get<Database>().Read(s => s.All("""SELECT 1 FROM "Consents" """, _ => 1)).Count;
}

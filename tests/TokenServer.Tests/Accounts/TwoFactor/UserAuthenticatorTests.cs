using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Import;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Accounts.TwoFactor;

/// <summary>Several authenticators of an account: a code of any opens it, each once (docs/decisions/0049).</summary>
public sealed class UserAuthenticatorTests
{
    private static readonly Actor Admin = new("2", "192.0.2.1") { Role = "admin" }, Desk = new("9", "192.0.2.2") { Role = "helpdesk" };
    private static readonly byte[] Johns = Enrolment.Read(TestImport.TotpSecret)!;

    [Fact]
    public async Task A_code_of_any_opens_the_account_once()
    {
        await using var server = await TestServer.StartAsync();
        byte[] safe = await AddAsync(server, "safe");
        server.AuthenticatorsOf("john").Select(a => (a.Name, a.LastUsedAt)).Should().Equal((TokenServer.Accounts.TwoFactor.Authenticator.UsualName, null), ("safe", null));
        server.AuthenticatorsOf("john")[1].CreatedAt.Should().Be(server.Clock.GetUtcNow().UtcDateTime);
        (await server.UseCodeAsync("john", server.CodeOf(safe))).Should().Be(SecondFactorVerdict.Wrong, "it has added the authenticator");
        (await server.UseCodeAsync("john", server.CodeOf(Johns))).Should().Be(SecondFactorVerdict.Right);
        (await server.UseCodeAsync("john", server.CodeOf(Johns))).Should().Be(SecondFactorVerdict.Wrong);
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        foreach (byte[] secret in (byte[][])[safe, Johns])
        {
            (await server.UseCodeAsync("john", server.CodeOf(secret))).Should().Be(SecondFactorVerdict.Right);
            (await server.UseCodeAsync("john", server.CodeOf(secret))).Should().Be(SecondFactorVerdict.Wrong);
        }
        server.AuthenticatorsOf("john").Should().OnlyContain(a => a.LastUsedAt == server.Clock.GetUtcNow().UtcDateTime);
        Details(server, "second_factor.failed").Should().AllBe("code_replayed");
    }

    [Fact]
    public async Task Each_has_steps_of_its_own()
    {
        await using var server = await TestServer.StartAsync();
        byte[] safe = await AddAsync(server, "safe");
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await server.UseCodeAsync("john", server.CodeOf(Johns))).Should().Be(SecondFactorVerdict.Right);
        (await server.UseCodeAsync("john", server.CodeOf(Johns, -1))).Should().Be(SecondFactorVerdict.Wrong, "a later one was used");
        (await server.UseCodeAsync("john", server.CodeOf(safe, 1))).Should().Be(SecondFactorVerdict.Wrong, "beside another, the next one is not taken");
        (await server.UseCodeAsync("john", server.CodeOf(safe, -1))).Should().Be(SecondFactorVerdict.Right);
        (await server.UseCodeAsync("john", server.CodeOf(safe))).Should().Be(SecondFactorVerdict.Right);
    }

    [Fact]
    public async Task Of_one_code_at_many_doors_at_once_one_is_right()
    {
        await using var server = await TestServer.StartAsync();
        byte[] safe = await AddAsync(server, "safe");
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        var verdicts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.UseCodeAsync("john", server.CodeOf(safe))));
        verdicts.Count(v => v == SecondFactorVerdict.Right).Should().Be(1);
    }

    [Fact]
    public async Task What_is_set_up_opens_nothing_until_a_code_of_it_is_shown_and_the_next_takes_its_place()
    {
        await using var server = await TestServer.StartAsync();
        var authenticators = server.Get<UserAuthenticators>();
        var owner = await server.OwnerAsync("john", SignIn.WithCode);
        byte[] first = (await authenticators.SetUpAsync(owner)).Value!, second = (await authenticators.SetUpAsync(owner)).Value!;
        (await server.UseCodeAsync("john", server.CodeOf(second))).Should().Be(SecondFactorVerdict.Wrong);
        (await authenticators.AddAsync(owner, server.CodeOf(first), "safe")).Why.Should().Be(NotOwned.NotThere);
        (await server.UseCodeAsync("john", server.CodeOf(Johns))).Should().Be(SecondFactorVerdict.Right, "the other goes on");
        var (id, why) = await authenticators.AddAsync(owner, server.CodeOf(second), " safe ");
        (why, id).Should().Be((NotOwned.Owned, server.AuthenticatorsOf("john")[1].PublicId));
        (await authenticators.AddAsync(owner, server.CodeOf(second, 1), "again")).Why.Should().Be(NotOwned.NotThere, "nothing waits any more");
        Details(server, "authenticator.added").Should().Equal(id);
    }

    [Fact]
    public async Task There_are_three_at_most_with_names_of_their_own()
    {
        await using var server = await TestServer.StartAsync();
        var authenticators = server.Get<UserAuthenticators>();
        var owner = await server.OwnerAsync("john", SignIn.WithCode);
        byte[] safe = (await authenticators.SetUpAsync(owner)).Value!;
        (await authenticators.AddAsync(owner, server.CodeOf(safe), "AUTHENTICATOR APP")).Why.Should().Be(NotOwned.NameTaken);
        (await authenticators.AddAsync(owner, server.CodeOf(safe), "\u202e")).Why.Should().Be(NotOwned.BadName);
        (await authenticators.AddAsync(owner, server.CodeOf(safe), "safe")).Why.Should().Be(NotOwned.Owned);
        byte[] third = (await authenticators.SetUpAsync(owner)).Value!;
        (await authenticators.AddAsync(owner, server.CodeOf(third), "three")).Why.Should().Be(NotOwned.Owned);
        (await authenticators.SetUpAsync(owner)).Why.Should().Be(NotOwned.TooMany);
        (await authenticators.AddAsync(owner, server.CodeOf(third, 1), "four")).Why.Should().Be(NotOwned.TooMany);
        server.AuthenticatorsOf("john").Should().HaveCount(3);
    }

    [Fact]
    public async Task Its_owner_removes_one_but_not_the_last_and_the_session_and_recovery_codes_stay()
    {
        await using var server = await TestServer.StartAsync();
        var authenticators = server.Get<UserAuthenticators>();
        var owner = await server.OwnerAsync("john", SignIn.WithCode);
        byte[] safe = await AddAsync(server, "safe");
        var codes = await server.Get<Database>().WriteAsync(s => RecoveryCodes.Replace(s, owner.AccountId));
        string[] ids = [.. server.AuthenticatorsOf("john").Select(a => a.PublicId)];
        (await authenticators.RemoveAsync(await server.OwnerAsync("bob"), ids[0])).Should().Be(NotOwned.NotThere);
        (await authenticators.RemoveAsync(owner, "nonsense")).Should().Be(NotOwned.NotThere);
        (await authenticators.RemoveAsync(owner, ids[0])).Should().Be(NotOwned.Owned);
        (await authenticators.RemoveAsync(owner, ids[0])).Should().Be(NotOwned.NotThere);
        (await authenticators.RemoveAsync(owner, ids[1])).Should().Be(NotOwned.LastWayIn);
        server.Get<Database>().Read(owner.IsSignedIn).Should().BeTrue();
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await server.UseCodeAsync("john", server.CodeOf(Johns))).Should().Be(SecondFactorVerdict.Wrong);
        (await server.UseCodeAsync("john", server.CodeOf(safe))).Should().Be(SecondFactorVerdict.Right);
        (await server.UseCodeAsync("john", codes[0])).Should().Be(SecondFactorVerdict.Right);
        Details(server, "authenticator.removed").Should().Equal(ids[0]);
    }

    [Fact]
    public async Task Who_signed_in_without_a_code_or_is_signed_out_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var authenticators = server.Get<UserAuthenticators>();
        await AddAsync(server, "safe");
        string first = server.AuthenticatorsOf("john")[0].PublicId;
        var owner = await server.OwnerAsync("john", "pwd");
        (await authenticators.SetUpAsync(owner)).Why.Should().Be(NotOwned.Halfway);
        (await authenticators.AddAsync(owner, "000000", "x")).Why.Should().Be(NotOwned.Halfway);
        (await authenticators.RemoveAsync(owner, first)).Should().Be(NotOwned.Halfway);
        await server.Get<UserSessions>().EndAsync(owner, owner.SessionId);
        (await authenticators.SetUpAsync(owner)).Why.Should().Be(NotOwned.SignedOut);
        (await authenticators.RemoveAsync(owner, first)).Should().Be(NotOwned.SignedOut);
        (await authenticators.SetUpAsync(await server.OwnerAsync("bob"))).Why.Should().Be(NotOwned.NotThere, "his second factor is off");
        server.AuthenticatorsOf("john").Should().HaveCount(2);
    }

    [Fact]
    public async Task Who_administers_removes_one_which_ends_the_sessions_and_with_the_last_it_is_off()
    {
        await using var server = await TestServer.StartAsync();
        var (authenticators, accounts) = (server.Get<UserAuthenticators>(), server.Get<UserAccounts>());
        await AddAsync(server, "safe");
        var owner = await server.OwnerAsync("john", SignIn.WithCode);
        await server.Get<Database>().WriteAsync(s => RecoveryCodes.Replace(s, owner.AccountId));
        string[] ids = [.. server.AuthenticatorsOf("john").Select(a => a.PublicId)];
        (await authenticators.RemoveAsync(owner.AccountId + 1, ids[0], Admin)).Should().BeFalse();
        (await authenticators.RemoveAsync(owner.AccountId, ids[0], Desk)).Should().BeTrue();
        server.Get<Database>().Read(owner.IsSignedIn).Should().BeFalse();
        (accounts.Find(owner.AccountId)!.HasSecondFactor, server.Get<Credentials>().RecoveryCodesLeft(owner.AccountId)).Should().Be((true, 10));
        (await authenticators.RemoveAsync(owner.AccountId, ids[1], Admin)).Should().BeTrue();
        (accounts.Find(owner.AccountId)!.HasSecondFactor, server.Get<Credentials>().RecoveryCodesLeft(owner.AccountId)).Should().Be((false, 0));
        Details(server, "authenticator.removed").Should().Equal(ids);
        server.AuditedEvents().Should().ContainSingle(e => e == "second_factor.removed");
    }

    [Fact]
    public async Task A_helpdesk_removes_none_of_an_account_that_administers()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<AccountAdministration>().UpdateAsync(server.Get<UserAccounts>().FindByLogin("john")!.Id, _ => true, a => new(a.Email!, a.Name, "auditor"), "test");
        var john = server.AuthenticatorsOf("john")[0];
        (await server.Get<UserAuthenticators>().RemoveAsync(john.AccountId, john.PublicId, Desk)).Should().BeFalse();
        (await server.Get<UserAuthenticators>().RemoveAsync(john.AccountId, john.PublicId, new Actor("3"))).Should().BeFalse();
        server.AuthenticatorsOf("john").Should().ContainSingle();
    }

    [Fact]
    public async Task Turned_off_none_is_left_and_turned_on_again_the_new_one_is_the_only_one()
    {
        await using var server = await TestServer.StartAsync();
        var credentials = server.Get<Credentials>();
        byte[] safe = await AddAsync(server, "safe");
        var owner = await server.OwnerAsync("john", SignIn.WithCode);
        (await server.Get<UserAuthenticators>().SetUpAsync(owner)).Value.Should().NotBeNull();
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        var john = server.Get<UserAccounts>().Find(owner.AccountId)!;
        (await credentials.DisableSecondFactorAsync(owner, john, TestImport.Password, server.CodeOf(safe))).Should().Be(CredentialsResult.Done);
        Rows(server).Should().Be(0);
        // As if something had been left: while it is off, none counts, and turning it on leaves but one.
        await server.AddAuthenticatorAsync("john", "left");
        byte[] fresh = (await credentials.SetUpSecondFactorAsync(owner)).Value!;
        (await credentials.EnableSecondFactorAsync(owner, server.CodeOf(fresh), "fresh")).Value.Should().HaveCount(10);
        server.AuthenticatorsOf("john").Select(a => a.Name).Should().Equal("fresh");
        foreach (byte[] dead in (byte[][])[safe, Johns]) (await server.UseCodeAsync("john", server.CodeOf(dead))).Should().Be(SecondFactorVerdict.Wrong);
        (await server.UseCodeAsync("john", server.CodeOf(fresh, 1))).Should().Be(SecondFactorVerdict.Right);
    }

    [Fact]
    public async Task An_import_leaves_them_where_its_secret_is_one_of_them_and_else_replaces_them_all()
    {
        await using var server = await TestServer.StartAsync();
        byte[] safe = await AddAsync(server, "safe");
        var owner = await server.OwnerAsync("john", SignIn.WithCode);
        await ImportAsync(server, TestImport.TotpSecret);
        server.AuthenticatorsOf("john").Should().HaveCount(2);
        server.Get<Database>().Read(owner.IsSignedIn).Should().BeTrue();
        await ImportAsync(server, OtpNet.Base32Encoding.ToString(safe));
        server.AuthenticatorsOf("john").Should().HaveCount(2);
        const string Another = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        await ImportAsync(server, Another);
        server.AuthenticatorsOf("john").Select(a => a.Name).Should().Equal(TokenServer.Accounts.TwoFactor.Authenticator.UsualName);
        server.Get<Database>().Read(owner.IsSignedIn).Should().BeFalse();
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await server.UseCodeAsync("john", server.CodeOf(safe))).Should().Be(SecondFactorVerdict.Wrong);
        (await server.UseCodeAsync("john", server.CodeOf(Enrolment.Read(Another)!))).Should().Be(SecondFactorVerdict.Right);
    }

    [Fact]
    public async Task A_deleted_account_leaves_none()
    {
        await using var server = await TestServer.StartAsync();
        await AddAsync(server, "safe");
        (await server.Get<AccountAdministration>().DeleteAsync(server.Get<UserAccounts>().FindByLogin("john")!.Id, Admin)).Should().BeTrue();
        Rows(server).Should().Be(0);
    }

    // By john himself, on his own pages.
    private static async Task<byte[]> AddAsync(TestServer server, string name)
    {
        var owner = await server.OwnerAsync("john", SignIn.WithCode);
        byte[] secret = (await server.Get<UserAuthenticators>().SetUpAsync(owner)).Value!;
        (await server.Get<UserAuthenticators>().AddAsync(owner, server.CodeOf(secret), name)).Why.Should().Be(NotOwned.Owned);
        return secret;
    }

    private static Task ImportAsync(TestServer server, string secret) => server.Get<Importer>().ApplyAsync(ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes(
        $$"""{ "users": [{ "username": "john", "email": "john@example.com", "name": "John Roe", "password": "{{TestImport.Password}}", "totp_secret": "{{secret}}" }] }""")), "test");

    private static int Rows(TestServer server) => server.Get<Database>().Read(s => s.All("""SELECT 1 FROM "Authenticators" """, _ => 1)).Count;

    private static List<string> Details(TestServer server, string happened) => server.Get<Database>().Read(s =>
        s.All("""SELECT "Detail" FROM "Audit" WHERE "Event"=@p0 ORDER BY "Id" """, r => r.GetString(0), happened));
}

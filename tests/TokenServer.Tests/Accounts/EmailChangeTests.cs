using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Import;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Accounts;

/// <summary>An e-mail address that its owner wants waits, and counts after it is confirmed (docs/decisions/0048).</summary>
public sealed class EmailChangeTests
{
    private const string Wanted = "robert@example.com";
    private static readonly Actor Admin = new("2", "192.0.2.1") { Role = "admin" }, Desk = new("9", "192.0.2.2") { Role = "helpdesk" };

    [Fact]
    public async Task Nothing_is_another_until_somebody_confirms_it_and_the_session_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        var (changes, accounts) = (server.Get<EmailChanges>(), server.Get<UserAccounts>());
        var owner = await server.OwnerAsync("bob");
        (await changes.AskAsync(owner, " Robert@Example.com ")).Should().Be(EmailAsked.Waits);
        var waiting = changes.Of(owner.AccountId)!;
        (waiting.Email, waiting.AskedAt, waiting.IsTaken).Should().Be(("Robert@Example.com", server.Clock.GetUtcNow().UtcDateTime, false));
        (accounts.FindByLogin(Wanted), accounts.Find(owner.AccountId)!.Email).Should().Be((null, "bob@example.com"));
        var (account, refused) = await changes.ConfirmAsync(owner.AccountId, waiting.PublicId, Admin);
        refused.Should().BeNull();
        (account!.Email, account.EmailConfirmed).Should().Be(("Robert@Example.com", true));
        accounts.FindByLogin(Wanted)!.Id.Should().Be(owner.AccountId);
        accounts.FindByLogin("bob@example.com").Should().BeNull();
        server.Get<Database>().Read(owner.IsSignedIn).Should().BeTrue();
        changes.Of(owner.AccountId).Should().BeNull();
        Audited(server).Should().Equal($"email_change.asked 3 {waiting.PublicId} by 3", $"email_change.confirmed 3 {waiting.PublicId} by 2");
    }

    [Fact]
    public async Task Who_asks_for_an_address_that_somebody_has_is_told_nothing_and_never_gets_it()
    {
        await using var server = await TestServer.StartAsync();
        var changes = server.Get<EmailChanges>();
        var owner = await server.OwnerAsync("bob");
        (await changes.AskAsync(owner, "JANE@example.com")).Should().Be(EmailAsked.Waits, "nobody finds out so whose addresses there are");
        var waiting = changes.Of(owner.AccountId)!;
        waiting.IsTaken.Should().BeTrue();
        (await changes.ConfirmAsync(owner.AccountId, waiting.PublicId, Admin)).Refused!.Problem.Should().Be("the e-mail address is taken");
        changes.Of(owner.AccountId).Should().Be(waiting, "it is for an administrator to refuse");
        Audited(server).Should().Equal($"email_change.asked 3 {waiting.PublicId}; another account has the address by 3");
        (await changes.RefuseAsync(owner.AccountId, waiting.PublicId, Desk)).Refused.Should().BeNull();
        (server.Get<UserAccounts>().Find(owner.AccountId)!.Email, changes.Of(owner.AccountId)).Should().Be(("bob@example.com", null));
    }

    [Fact]
    public async Task An_address_that_waits_stands_in_nobodys_way_and_the_first_that_gets_it_has_it()
    {
        await using var server = await TestServer.StartAsync();
        var (changes, accounts) = (server.Get<EmailChanges>(), server.Get<UserAccounts>());
        string bobs = await server.WantEmailAsync("bob", Wanted), johns = await server.WantEmailAsync("john", Wanted.ToUpperInvariant());
        int bob = accounts.FindByLogin("bob")!.Id, john = accounts.FindByLogin("john")!.Id;
        var results = await Task.WhenAll(changes.ConfirmAsync(bob, bobs, Admin), changes.ConfirmAsync(john, johns, Admin));
        results.Count(r => r.Refused is null).Should().Be(1);
        results.Single(r => r.Refused is not null).Refused!.Problem.Should().Be("the e-mail address is taken");
        await server.WantEmailAsync("jane", "newcomer@example.com");
        (await accounts.AddAsync(new NewAccount { UserName = "newcomer", Email = "newcomer@example.com", Password = TestImport.Password }, Admin))
            .Should().BeNull();
        changes.Of(accounts.FindByLogin("jane")!.Id)!.IsTaken.Should().BeTrue();
    }

    [Fact]
    public async Task What_is_not_what_was_seen_is_not_there()
    {
        await using var server = await TestServer.StartAsync();
        var changes = server.Get<EmailChanges>();
        var owner = await server.OwnerAsync("bob");
        string first = await server.WantEmailAsync("bob", Wanted), second = await server.WantEmailAsync("bob", "bobby@example.com");
        second.Should().NotBe(first);
        (await server.WantEmailAsync("bob", "bobby@example.com")).Should().Be(second, "the same again is the same");
        foreach (string change in (string[])[first, "", "nonsense"])
        {
            (await changes.ConfirmAsync(owner.AccountId, change, Admin)).Refused.Should().Be(ChangeRefused.NotThere);
            (await changes.RefuseAsync(owner.AccountId, change, Admin)).Refused.Should().Be(ChangeRefused.NotThere);
        }
        (await changes.ConfirmAsync(owner.AccountId + 1, second, Admin)).Refused.Should().Be(ChangeRefused.NotThere);
        (await changes.ConfirmAsync(999_999, second, Admin)).Refused.Should().Be(ChangeRefused.NotThere);
        (await changes.WithdrawAsync(owner)).Should().Be(NotOwned.Owned);
        (await changes.WithdrawAsync(owner)).Should().Be(NotOwned.NotThere);
        (await changes.ConfirmAsync(owner.AccountId, second, Admin)).Refused.Should().Be(ChangeRefused.NotThere);
        server.Get<UserAccounts>().Find(owner.AccountId)!.Email.Should().Be("bob@example.com");
        Audited(server)[^1].Should().Be($"email_change.withdrawn 3 {second} by 3");
    }

    [Fact]
    public async Task Of_many_answers_at_once_one_counts()
    {
        await using var server = await TestServer.StartAsync();
        var changes = server.Get<EmailChanges>();
        string change = await server.WantEmailAsync("bob", Wanted);
        int bob = server.Get<UserAccounts>().FindByLogin("bob")!.Id;
        var results = await Task.WhenAll(Enumerable.Range(0, 16)
            .Select(i => i % 2 == 0 ? changes.ConfirmAsync(bob, change, Admin) : changes.RefuseAsync(bob, change, Desk)));
        results.Count(r => r.Refused is null).Should().Be(1);
        Audited(server).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_helpdesk_confirms_nothing_for_an_account_that_administers_its_own_included()
    {
        await using var server = await TestServer.StartAsync();
        var (changes, accounts) = (server.Get<EmailChanges>(), server.Get<UserAccounts>());
        await accounts.AddAsync(new NewAccount { UserName = "desk", Email = "desk@example.com", Role = "helpdesk", Password = TestImport.Password }, Admin);
        foreach (string user in (string[])["jane", "desk"])
        {
            string change = await server.WantEmailAsync(user, Wanted);
            int id = accounts.FindByLogin(user)!.Id;
            (await changes.ConfirmAsync(id, change, Desk)).Refused!.Problem.Should().Be(Rank.Problem);
            (await changes.RefuseAsync(id, change, Desk)).Refused!.Problem.Should().Be(Rank.Problem);
            (await changes.ConfirmAsync(id, change, new Actor("3", "192.0.2.3"))).Refused!.Problem.Should().Be(Rank.Problem, "who has no role has no rights");
            changes.Of(id)!.PublicId.Should().Be(change);
        }
        string bobs = await server.WantEmailAsync("bob", Wanted);
        (await changes.ConfirmAsync(accounts.FindByLogin("bob")!.Id, bobs, Desk)).Refused.Should().BeNull();
    }

    [Fact]
    public async Task Who_has_set_a_password_and_is_no_administrator_confirms_nothing_that_may_be_a_wish_of_his_own()
    {
        await using var server = await TestServer.StartAsync();
        var (changes, accounts) = (server.Get<EmailChanges>(), server.Get<UserAccounts>());
        await accounts.AddAsync(new NewAccount { UserName = "desk", Email = "desk@example.com", Role = "helpdesk", Password = TestImport.Password }, Admin);
        var desk = new Actor(accounts.FindByLogin("desk")!.Subject, "192.0.2.9") { Role = "helpdesk" };
        await accounts.AddAsync(new NewAccount { UserName = "made", Email = "made@example.com", Password = TestImport.Password }, desk);
        (await accounts.SetPasswordAsync(accounts.FindByLogin("bob")!, "another password", desk)).Should().BeNull();
        foreach (string user in (string[])["made", "bob"])
        {
            int id = accounts.FindByLogin(user)!.Id;
            string change = await server.WantEmailAsync(user, Wanted);
            (await changes.ConfirmAsync(id, change, desk)).Refused!.Problem.Should().Be(EmailChanges.Helped);
            (await changes.RefuseAsync(id, change, desk)).Refused.Should().BeNull();
            (await changes.ConfirmAsync(id, await server.WantEmailAsync(user, $"{user}-own@example.com"), Admin)).Refused.Should().BeNull();
        }
    }

    [Fact]
    public async Task A_wish_does_not_outlive_what_throws_a_thief_out()
    {
        await using var server = await TestServer.StartAsync();
        var (changes, accounts) = (server.Get<EmailChanges>(), server.Get<UserAccounts>());
        var bob = accounts.FindByLogin("bob")!;
        await server.WantEmailAsync("bob", Wanted);
        (await accounts.SetPasswordAsync(bob, "another password", Admin)).Should().BeNull();
        changes.Of(bob.Id).Should().BeNull();
        await server.WantEmailAsync("bob", Wanted);
        var owner = await server.OwnerAsync("bob");
        (await server.Get<Credentials>().ChangePasswordAsync(owner, accounts.Find(bob.Id)!, "another password", "yet another one")).Should().Be(CredentialsResult.Done);
        changes.Of(bob.Id).Should().BeNull();
        await server.WantEmailAsync("bob", Wanted);
        (await accounts.DisableAsync(bob, Admin)).Should().BeTrue();
        changes.Of(bob.Id).Should().BeNull();
        int john = accounts.FindByLogin("john")!.Id;
        await server.WantEmailAsync("john", Wanted);
        (await accounts.RemoveSecondFactorAsync(accounts.Find(john)!, Admin)).Should().BeTrue();
        changes.Of(john).Should().BeNull();
    }

    [Fact]
    public async Task Who_signed_in_with_half_of_what_the_account_has_asks_for_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var changes = server.Get<EmailChanges>();
        var owner = await server.OwnerAsync("john", "pwd");
        (await changes.AskAsync(owner, Wanted)).Should().Be(EmailAsked.Halfway);
        await server.Get<UserSessions>().EndAsync(owner, owner.SessionId);
        (await changes.AskAsync(owner, Wanted)).Should().Be(EmailAsked.SignedOut);
        (await changes.WithdrawAsync(owner)).Should().Be(NotOwned.SignedOut);
        changes.All().Should().BeEmpty();
    }

    [Theory]
    [InlineData("bob@example.com", nameof(EmailAsked.IsTheirs))]
    [InlineData("BOB@example.com", nameof(EmailAsked.Waits))]
    [InlineData("bob", nameof(EmailAsked.BadAddress))]
    [InlineData("a@b@c", nameof(EmailAsked.BadAddress))]
    [InlineData("a b@example.com", nameof(EmailAsked.BadAddress))]
    [InlineData("a\u202eb@example.com", nameof(EmailAsked.BadAddress))]
    [InlineData("", nameof(EmailAsked.BadAddress))]
    [InlineData("jane@example.com\ufe0f", nameof(EmailAsked.BadAddress))]
    [InlineData("j\u0430ne@example.com", nameof(EmailAsked.BadAddress))]
    [InlineData("\u3164@example.com", nameof(EmailAsked.BadAddress))]
    [InlineData("bob@b\u00fccher.example", nameof(EmailAsked.BadAddress))]
    [InlineData("bob@xn--bcher-kva.example", nameof(EmailAsked.Waits))]
    public async Task An_address_that_will_not_do_is_not_asked_for(string email, string expected)
    {
        await using var server = await TestServer.StartAsync();
        (await server.Get<EmailChanges>().AskAsync(await server.OwnerAsync("bob"), email)).ToString().Should().Be(expected);
        server.Get<EmailChanges>().All().Should().HaveCount(expected == nameof(EmailAsked.Waits) ? 1 : 0);
    }

    [Fact]
    public async Task An_address_that_an_administrator_or_an_import_gives_drops_the_one_that_waits_and_is_not_verified()
    {
        await using var server = await TestServer.StartAsync();
        var (changes, accounts, administration) = (server.Get<EmailChanges>(), server.Get<UserAccounts>(), server.Get<AccountAdministration>());
        int bob = accounts.FindByLogin("bob")!.Id;
        (await changes.ConfirmAsync(bob, await server.WantEmailAsync("bob", Wanted), Admin)).Value!.EmailConfirmed.Should().BeTrue();
        string change = await server.WantEmailAsync("bob", "third@example.com");
        (await administration.UpdateAsync(bob, _ => true, a => new(a.Email!, "Another Name", a.Role), Admin)).Value!.EmailConfirmed.Should().BeTrue();
        changes.Of(bob)!.PublicId.Should().Be(change, "the name has nothing to do with it");
        (await administration.UpdateAsync(bob, _ => true, a => new("fourth@example.com", a.Name, a.Role), Admin)).Value!.EmailConfirmed.Should().BeFalse();
        changes.Of(bob).Should().BeNull();
        Audited(server)[^1].Should().Be($"email_change.superseded 3 {change} by 2");
        await changes.ConfirmAsync(bob, await server.WantEmailAsync("bob", Wanted), Admin);
        await server.WantEmailAsync("bob", "fifth@example.com");
        await ImportAsync(server, Wanted.ToUpperInvariant());
        (accounts.Find(bob)!.EmailConfirmed, changes.Of(bob)).Should().Be((true, null));
        await ImportAsync(server, "sixth@example.com");
        accounts.Find(bob)!.EmailConfirmed.Should().BeFalse();
    }

    [Fact]
    public async Task A_deleted_account_leaves_nothing_that_waits()
    {
        await using var server = await TestServer.StartAsync();
        await server.WantEmailAsync("bob", Wanted);
        (await server.Get<AccountAdministration>().DeleteAsync(server.Get<UserAccounts>().FindByLogin("bob")!.Id, Admin)).Should().BeTrue();
        server.Get<EmailChanges>().All().Should().BeEmpty();
    }

    [Fact]
    public async Task Those_that_wait_are_found_among_all_accounts()
    {
        await using var server = await TestServer.StartAsync();
        await server.WantEmailAsync("bob", Wanted);
        var (administration, filter) = (server.Get<AccountAdministration>(), new AccountFilter(Status: AccountFilter.EmailWaits));
        administration.List(filter, new PageWanted(null, false, false, 50).Stretch).Select(a => a.UserName).Should().Equal("bob");
        administration.Count(filter, 100).Should().Be(1);
        server.Get<EmailChanges>().Of([1, 2, 3, 4]).Keys.Should().Equal(server.Get<UserAccounts>().FindByLogin("bob")!.Id);
    }

    [Fact]
    public async Task The_owner_changes_the_name_at_once_where_it_is_as_it_was_seen()
    {
        await using var server = await TestServer.StartAsync();
        var (profile, accounts) = (server.Get<OwnProfile>(), server.Get<UserAccounts>());
        var owner = await server.OwnerAsync("bob");
        string seen = accounts.Find(owner.AccountId)!.Version;
        (await profile.RenameAsync(owner, seen, "  Bób Rœ ")).Should().Be(Renamed.Done);
        accounts.Find(owner.AccountId)!.Name.Should().Be("Bób Rœ");
        server.Get<AccountAdministration>().Count(new AccountFilter(Part: NamePart.Of("BÓB")), 10).Should().Be(1);
        (await profile.RenameAsync(owner, seen, "Other")).Should().Be(Renamed.Stale);
        seen = accounts.Find(owner.AccountId)!.Version;
        foreach (string bad in (string[])["a\u0000b", "a\u202eb", new string('x', 201), "\u2800"])
            (await profile.RenameAsync(owner, seen, bad)).Should().Be(Renamed.BadName);
        (await profile.RenameAsync(owner, seen, " ")).Should().Be(Renamed.Done);
        accounts.Find(owner.AccountId)!.Name.Should().BeNull();
        await server.Get<UserSessions>().EndAsync(owner, owner.SessionId);
        (await profile.RenameAsync(owner, accounts.Find(owner.AccountId)!.Version, "Bob")).Should().Be(Renamed.SignedOut);
        server.AuditedEvents().Count(e => e == "account.changed").Should().Be(2);
    }

    private static Task ImportAsync(TestServer server, string email) => server.Get<Importer>().ApplyAsync(ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes(
        $$"""{ "users": [{ "username": "bob", "email": "{{email}}", "password": "{{TestImport.Password}}" }] }""")), "test");

    private static List<string> Audited(TestServer server) => server.Get<Database>().Read(s => s.All(
        """SELECT "Event" || ' ' || "Target" || ' ' || "Detail" || ' by ' || "Actor" FROM "Audit" WHERE "Event" LIKE 'email_change.%' ORDER BY "Id" """,
        r => r.GetString(0)));
}

using System.Security.Cryptography;
using TokenServer.Accounts;
using TokenServer.Import;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Accounts;

/// <summary>Passwords and user names as people's keyboards make them (contract section 0, RFC 8265), and what was stored before.</summary>
public sealed class PreparedTextTests : IAsyncLifetime
{
    private TestServer server = null!;

    public static TheoryData<string, string> SamePasswords => new()
    {
        { "Gru\u0308ße an alle", "Grüße an alle" }, { "pa\u00A0ss\u3000word", "pa ss word" }, { "\u1112\u1161\u11AB글 비밀번호입니다", "한글 비밀번호입니다" }, { "A\u030Angstro\u0308m 12", "\u212Bngström 12" },
    };

    public static TheoryData<string, string> SameNames => new()
    {
        { "jose\u0301", "JOSÉ" }, { "Grüße", "gru\u0308ße" }, { "\uFF4A\uFF4F\uFF45", "Joe" }, { "Σίσυφος", "σι\u0301συφος" }, { "\u212Bsa", "a\u030Asa" },
    };

    public async Task InitializeAsync() => server = await TestServer.StartAsync(FaceRequests.NoLimits);

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [MemberData(nameof(SamePasswords))]
    public async Task A_password_is_the_same_in_every_form(string set, string typed)
    {
        await AddAsync("ann", set);
        foreach (string door in Door.All)
            foreach (string password in (string[])[set, typed]) (await ((Door)door).SignInAsync(server, "ann", password)).Status.Should().Be(200, door);
        ((Door)Door.Account).ExpectWrongPassword(await ((Door)Door.Account).SignInAsync(server, "ann", typed + "x"));
    }

    [Theory]
    [MemberData(nameof(SamePasswords))]
    public async Task A_hash_of_a_text_that_was_not_prepared_is_good_and_renewed(string before, string typed)
    {
        await AddAsync("ann", "something else");
        // As it was stored before there was preparation.
        string hash = new Microsoft.AspNetCore.Identity.PasswordHasher<object>().HashPassword(this, before);
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "PasswordHash"=@p0 WHERE "UserName"='ann'""", hash));
        (await server.SignInAsync(user: "ann", password: before)).Status.Should().Be(200);
        (await server.SignInAsync(user: "ann", password: typed)).Status.Should().Be(200, "the first sign-in has renewed it");
    }

    [Theory]
    [InlineData("tab\tinside it")]
    [InlineData("zero\u200Bwidth")]
    [InlineData("heart \u2764\uFE0F heart")]
    public async Task A_password_that_could_not_be_set_today_is_good_and_stays(string before)
    {
        await AddAsync("ann", "something else");
        string hash = new Microsoft.AspNetCore.Identity.PasswordHasher<object>().HashPassword(this, before);
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "PasswordHash"=@p0 WHERE "UserName"='ann'""", hash));
        for (int i = 0; i < 2; i++) (await server.SignInAsync(user: "ann", password: before)).Status.Should().Be(200);
        (await server.Get<UserAccounts>().AddAsync(Draft("eve", before), "test")).Should().StartWith("password ");
        PasswordRule.Problem("eve", null, before).Should().NotBeNull();
    }

    [Fact]
    public async Task A_text_that_is_prepared_already_costs_one_hash()
    {
        using var hashing = new PasswordHashing(rounds: 1);
        string hash = (await hashing.HashAsync("Grüße an alle"))!;
        (await hashing.VerifyAsync(hash, "Grüße an alle")).Should().Be(Microsoft.AspNetCore.Identity.PasswordVerificationResult.Success);
        (await hashing.VerifyAsync(hash, "Gru\u0308ße an alle")).Should().Be(Microsoft.AspNetCore.Identity.PasswordVerificationResult.Success);
        (await hashing.VerifyAsync(null, "Gru\u0308ße an alle")).Should().Be(Microsoft.AspNetCore.Identity.PasswordVerificationResult.Failed);
    }

    [Theory]
    [MemberData(nameof(SameNames))]
    public async Task A_user_name_is_one_in_every_form(string name, string other)
    {
        await AddAsync(name, TestImport.Password);
        foreach (string door in Door.All)
            foreach (string typed in (string[])[name, other, $" {other}\r\n"]) (await ((Door)door).SignInAsync(server, typed)).Status.Should().Be(200, "{0} at {1}", typed, door);
        (await server.Get<UserAccounts>().AddAsync(Draft(other, TestImport.Password), "test")).Should().Be("the user name is taken");
    }

    [Theory]
    [InlineData("ad\u200Bmin")]
    [InlineData("jose\u0301")]
    [InlineData("\u265A king")]
    [InlineData("a\u05D0")]
    public async Task A_user_name_of_before_signs_in_as_it_was(string name)
    {
        await AddAsync("ann", TestImport.Password);
        await RenameAsync("ann", name);
        foreach (string door in Door.All) (await ((Door)door).SignInAsync(server, name)).Status.Should().Be(200, door);
        // It can still be administered.
        var account = server.Get<UserAccounts>().FindByLogin(name)!;
        (await server.Get<AccountAdministration>().UpdateAsync(account.Id, _ => true, a => new AccountChange("new@example.com", a.Name, a.Role), "test")).Refused.Should().BeNull();
    }

    [Fact]
    public async Task Two_user_names_of_before_that_would_be_one_stay_two()
    {
        await AddAsync("ann", "password of ann");
        await AddAsync("eve", "password of eve");
        await RenameAsync("ann", "jos\u00E9");
        await RenameAsync("eve", "jose\u0301");
        (await server.SignInAsync(user: "jos\u00E9", password: "password of ann")).Status.Should().Be(200);
        (await server.SignInAsync(user: "jose\u0301", password: "password of eve")).Status.Should().Be(200);
        (await server.Get<UserAccounts>().AddAsync(Draft("JOS\u00C9", TestImport.Password), "test")).Should().Be("the user name is taken");
    }

    [Fact]
    public async Task A_user_name_of_before_in_form_D_is_found_by_form_C_and_not_given_twice()
    {
        await AddAsync("ann", TestImport.Password);
        await RenameAsync("ann", "zoe\u0308");
        (await server.SignInAsync(user: "zo\u00EB")).Status.Should().Be(200);
        (await server.Get<UserAccounts>().AddAsync(Draft("zo\u00EB", TestImport.Password), "test")).Should().Be("the user name is taken");
    }

    [Theory]
    [InlineData("ad\u200Bmin")]
    [InlineData("ad\u00ADmin")]
    [InlineData("admin\u202E")]
    [InlineData("a\u05D0")]
    [InlineData("\uFF41\uFF20\uFF42")]
    public async Task A_name_that_could_be_taken_for_another_is_refused_whoever_sends_it(string name)
    {
        (await server.Get<UserAccounts>().AddAsync(Draft(name, TestImport.Password), "test")).Should().StartWith("username ");
        string json = System.Text.Json.JsonSerializer.Serialize(new { users = new[] { new { username = name, email = "a@b", password = "a password" } } });
        FluentActions.Invoking(() => ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes(json))).Should().Throw<ImportException>().WithMessage("users[0]: username *");
        string admin = (await server.SignInAsync(scope: "admin"))["access_token"]!;
        (await server.CallAsync("POST", "/admin/api/users", admin, new { username = name, email = "a@example.com", password = "a password" })).Status.Should().Be(400);
    }

    [Theory]
    [InlineData("Jane\u202E Doe")]
    [InlineData("\u200B")]
    [InlineData("a\nb")]
    public async Task A_full_name_hides_nothing(string name)
    {
        var draft = Draft("ann", TestImport.Password);
        draft.Name = name;
        (await server.Get<UserAccounts>().AddAsync(draft, "test")).Should().StartWith("name ");
    }

    [Fact]
    public async Task Names_are_trimmed_where_they_are_set()
    {
        var draft = new NewAccount { UserName = " ann ", Email = " ann@example.com\t", Name = " Ann ", Password = TestImport.Password };
        (await server.Get<UserAccounts>().AddAsync(draft, "test")).Should().BeNull();
        var account = server.Get<UserAccounts>().FindByLogin("ann")!;
        (account.UserName, account.Email, account.Name).Should().Be(("ann", "ann@example.com", "Ann"));
        (await server.SignInAsync(user: " ANN@example.com ")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("a\u202Egnp")]
    [InlineData("a\u2067b")]
    [InlineData("line\u2028break")]
    [InlineData("bell\u0007")]
    [InlineData("   ")]
    [InlineData("\u200B")]
    public async Task A_tunnel_and_a_key_have_names_that_hide_nothing_at_the_API_and_on_the_pages(string name)
    {
        string session = await ((Door)Door.Account).TokenAsync(server);
        foreach (string path in (string[])["/api/tunnels", "/api/v1/auth/keys"])
        {
            var answer = await server.CallAsync("POST", path, session, new { name });
            (answer.Status, answer["error"]).Should().Be((400, "The field 'name' must have a visible character, and no control, invisible or bidirectional characters"), path);
        }
        using var browser = await Browser.OfAsync(server);
        foreach (string path in (string[])["/account/tunnels", "/account/keys"])
        {
            await browser.GetAsync(path);
            (await browser.PostAsync(path, ("name", name))).Status.Should().Be(400, path);
        }
        (await server.CallAsync("GET", "/api/tunnels", session)).Json.GetProperty("tunnels").GetArrayLength().Should().Be(0);
        (await server.CallAsync("GET", "/api/v1/auth/keys", session)).Json.GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task The_names_of_tunnels_and_keys_are_trimmed_at_the_API_and_one_in_every_form()
    {
        string session = await ((Door)Door.Account).TokenAsync(server);
        var made = await server.CallAsync("POST", "/api/tunnels", session, new { name = " Bu\u0308ro\t" });
        (made.Status, made.Json.GetProperty("tunnel").Text("name")).Should().Be((201, "Bu\u0308ro"));
        (await server.CallAsync("POST", "/api/tunnels", session, new { name = "BÜRO" })).Status.Should().Be(409);
        (await server.CallAsync("POST", "/api/v1/auth/keys", session, new { name = "\r\nci " }))["name"].Should().Be("ci");
    }

    private async Task AddAsync(string name, string password) => (await server.Get<UserAccounts>().AddAsync(Draft(name, password), "test")).Should().BeNull();

    private static NewAccount Draft(string name, string password) => new() { UserName = name, Email = $"{RandomNumberGenerator.GetHexString(32)}@example.com", Password = password };

    // As names were stored before they were prepared.
    private Task<int> RenameAsync(string name, string former) => server.Get<Database>().WriteAsync(s => s.Execute(
        """UPDATE "AspNetUsers" SET "UserName"=@p1, "NormalizedUserName"=@p2 WHERE "UserName"=@p0""", name, former, former.ToUpperInvariant()));
}

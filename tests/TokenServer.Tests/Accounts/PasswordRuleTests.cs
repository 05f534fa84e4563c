using System.Text;
using TokenServer.Accounts;
using TokenServer.Import;
using TokenServer.Tests.Admin;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;
using TokenServer.Tests.Web.Console;

namespace TokenServer.Tests.Accounts;

/// <summary>One rule for passwords, whoever sets one (contract section 6, docs/decisions/0024).</summary>
public sealed class PasswordRuleTests
{
    [Theory]
    [InlineData("short")]
    [InlineData("1234567")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabc")]
    [InlineData("jane.doe")]
    [InlineData("JANE.DOE@example.com")]
    [InlineData("password")]
    [InlineData("Password1")]
    [InlineData("1qaz2wsx")]
    [InlineData("Qwertyuiop")]
    [InlineData("TRUSTNO1")]
    [InlineData("iloveyou")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_easily_guessed_is_no_password(string? password) =>
        PasswordRule.Problem("jane.doe", "jane.doe@example.com", password).Should().StartWith("password ");

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("jane.doe's")]
    [InlineData("iloveyou, Bob")]
    [InlineData("Gänseblümchen")]
    [InlineData("12ab 34cd")]
    public void Anything_else_of_8_characters_is_one(string password) =>
        PasswordRule.Problem("jane.doe", "jane.doe@example.com", password).Should().BeNull();

    [Fact]
    public void The_longest_has_1000_characters()
    {
        PasswordRule.Problem("jane", null, "abcd" + new string('x', 996)).Should().BeNull();
        PasswordRule.Problem("jane", null, "abcd" + new string('x', 997)).Should().NotBeNull();
    }

    [Theory]
    [InlineData("sunshine")]
    [InlineData("StarWars")]
    [InlineData("bob@example.com")]
    [InlineData("seven77")]
    [InlineData("11111111")]
    public async Task A_weak_password_is_refused_by_everybody_who_sets_one(string weak)
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string mail = weak.Contains('@') ? weak : "ann@example.com", page = $"/admin/users/{server.IdOf("bob")}/password";
        (await server.Awaiting(s => s.Get<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes(
            $$"""{"users":[{"username":"ann","email":"{{mail}}","password":"{{weak}}"}]}""")), "test")).Should().ThrowAsync<ImportException>()).WithMessage("users[0]: password*");
        (await server.Get<UserAccounts>().AddAsync(new NewAccount { UserName = "ann", Email = mail, Password = weak }, "test")).Should().StartWith("password");
        (await server.Get<UserAccounts>().SetPasswordAsync(server.Get<UserAccounts>().FindByLogin("bob")!, weak, "test")).Should().StartWith("password");
        string admin = (await server.SignInAsync(scope: "openid admin"))["access_token"]!;
        (await server.CallAsync("POST", "/admin/api/users", admin, new { username = "ann", email = mail, password = weak })).ShouldBeProblem(400);
        (await john.SubmitAsync("/admin/users/new", ("username", "ann"), ("email", mail), ("role", "user"), ("password", weak))).Alert().Should().StartWith("Nothing was saved: “Password” ");
        (await john.SubmitAsync(page, ("new_password", weak), ("repeated_password", weak))).Alert().Should().StartWith("Nothing was saved: “Password” ");
        string bob = (await server.CallAsync("POST", "/api/v1/auth/login", null, new { username = "bob", password = TestImport.Password }))["token"]!;
        (await server.CallAsync("POST", "/api/v1/auth/password", bob, new { current_password = TestImport.Password, new_password = weak })).Body.Should().Contain("too weak");
        server.Get<UserAccounts>().FindByLogin("ann").Should().BeNull();
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
    }
}

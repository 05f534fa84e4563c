using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>Scopes in the console: registered, changed, deleted.</summary>
public sealed class ConsoleScopeTests
{
    [Fact]
    public async Task A_scope_is_registered_changed_and_deleted()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        (await john.SubmitAsync("/admin/scopes/new", ("name", "a/b"), ("description", "Read <it>"), ("resources", "one\r\ntwo"))).ShouldGoTo("/admin/scopes/a%2Fb", "ScopeAdded");
        server.ShouldHaveAudited("scope.added", "a/b", "resources: one two");
        (await john.GetAsync("/admin/scopes/a%2Fb")).Notice().Should().StartWith("The scope is registered.");
        (await john.GetAsync("/admin/scopes")).Body.Should().Contain("Read &lt;it&gt;").And.Contain("one two");
        (await john.SubmitAsync("/admin/scopes/new", ("name", "api"))).ShouldSay(400, "Nothing was saved: “Name” is taken.");
        (await john.SubmitAsync("/admin/scopes/new", ("name", "a b"))).Alert().Should().StartWith("Nothing was saved: “Name” must be");
        var old = ConsoleVisits.Fields(await john.GetAsync("/admin/scopes/a%2Fb"));
        (await john.SubmitAsync("/admin/scopes/a%2Fb", ("resources", "three"))).ShouldGoTo("/admin/scopes/a%2Fb", "ScopeSaved");
        server.ShouldHaveAudited("scope.changed", "a/b", "resources: three");
        (await john.PostAsync("/admin/scopes/a%2Fb", [.. old])).Status.Should().Be(409);
        server.Get<ScopeRegistry>().FindRow("a/b")!.Description.Should().Be("Read <it>");
        (await john.SubmitAsync("/admin/scopes/a%2Fb/delete")).ShouldGoTo("/admin/scopes", "ScopeDeleted");
        server.Get<ScopeRegistry>().Exists("a/b").Should().BeFalse();
        (await john.GetAsync("/admin/scopes/a%2Fb")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_scope_that_a_client_names_is_kept()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        (await john.SubmitAsync("/admin/scopes/files/delete")).ShouldSay(409, "Nothing was done: these clients may ask for it; take it from them first: worker.");
        server.Get<ScopeRegistry>().Exists("files").Should().BeTrue();
    }
}

using System.Net;
using System.Text.RegularExpressions;
using TokenServer.Tests.Support;
using TokenServer.Web.Shared;

namespace TokenServer.Tests.Web.Console;

/// <summary>An error of a form calls a field as its label does, and leads to it.</summary>
public sealed partial class FieldWordsTests
{
    [Fact]
    public async Task Every_field_that_a_problem_may_begin_with_is_called_by_its_label()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        int fields = 0;
        foreach (string page in (string[])["/admin/clients/new", "/admin/users/new", "/admin/scopes/new"])
        {
            foreach (Match label in Label().Matches((await john.GetAsync(page)).Body))
            {
                string field = label.Groups[1].Value, said = FieldWords.InWords(field + " is wrong");
                said.Should().MatchRegex("^“.+” is wrong$", "{0} has a field {1}", page, field);
                WebUtility.HtmlDecode(label.Groups[2].Value).Should().StartWith(said[1..said.IndexOf('”', StringComparison.Ordinal)]);
                FieldWords.FieldOf(field + " is wrong").Should().Be(field);
                fields++;
            }
        }
        fields.Should().BeGreaterThan(20);
    }

    [Fact]
    public async Task An_error_is_in_the_title_and_names_the_field_that_it_is_about()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string page = (await john.SubmitAsync("/admin/clients/new", ("client_id", "x"), ("token_endpoint_auth_method", "none"), ("logo_uri", "http://example.com"))).Body;
        page.Should().Contain("<title>Error: Register a client – TokenServer</title>").And.Contain("data-field=\"logo_uri\"").And.Contain("autofocus");
        (await john.SubmitAsync("/admin/users/new", ("username", "bob"), ("email", "new@example.com"), ("role", "user"), ("password", "a good and long one"))).Body.Should().Contain("data-field=\"username\"");
        (await john.GetAsync("/admin/clients/new")).Body.Should().NotContain("Error: ").And.NotContain("data-field");
    }

    [GeneratedRegex("<label for=\"([a-z_]+)\">([^<]+)</label>")]
    private static partial Regex Label();
}

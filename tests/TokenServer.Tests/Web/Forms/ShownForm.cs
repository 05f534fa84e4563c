using System.Net;
using System.Text.RegularExpressions;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;

namespace TokenServer.Tests.Web.Forms;

/// <summary>A form as a page shows it, and as a browser would send it.</summary>
/// <param name="Action">Where it goes to.</param>
/// <param name="Fields">What it would send, without its antiforgery token.</param>
/// <param name="Markup">All of it, and what it is folded in.</param>
internal sealed record ShownForm(string Action, IReadOnlyList<(string Name, string Value)> Fields, string Markup)
{
    /// <summary>The page's form that goes to <paramref name="action"/>; of several the one that has the field.</summary>
    public static ShownForm Of(Answer page, string action, (string Name, string Value)? having = null)
    {
        page.Status.Should().Be(200, page.Body);
        var forms = Regex.Matches(page.Body, "(<details[^>]*>(?:(?!</details>|<form).)*)?<form method=\"post\" action=\"([^\"]*)\".*?</form>", RegexOptions.Singleline)
            .Select(m => new ShownForm(WebUtility.HtmlDecode(m.Groups[2].Value), ConsoleVisits.FieldsOf(m.Value), m.Value));
        return forms.First(f => f.Action == action && (having is null || f.Fields.Contains(having.Value)));
    }

    /// <summary>The same with what somebody types: all values of each of these fields.</summary>
    public ShownForm Typed(params (string Name, string Value)[] typed) =>
        this with { Fields = [.. Fields.Where(f => typed.All(t => t.Name != f.Name)), .. typed.Where(t => t.Value != Unticked)] };

    /// <summary>The value of a box whose tick is taken away.</summary>
    public const string Unticked = "(not ticked)";

    /// <summary>Presses its button.</summary>
    public Task<Answer> SendAsync(Browser browser) => browser.PostAsync(Action, [.. Fields]);

    /// <summary>Presses it twice, so fast that the first answer is not there yet.</summary>
    public Task<Answer[]> SendTwiceAsync(Browser browser) => Task.WhenAll(SendAsync(browser), SendAsync(browser));
}

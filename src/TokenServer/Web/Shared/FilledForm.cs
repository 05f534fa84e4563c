using System.Net;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace TokenServer.Web.Shared;

/// <summary>Puts what was typed into the form of a page that has been made, whichever page it is: one place for all forms, so that none can
/// forget it. It reads the markup that the renderer writes, not any that could be.</summary>
internal sealed partial class FilledForm
{
    // What a form carries of itself beside what says which it is.
    private static readonly string[] OfTheForm = [FormAnswers.Field, WebModule.AntiforgeryField, "version", "ceremony", "credential"];

    private readonly string page;
    private readonly MatchCollection tags;
    private readonly TypedForm typed;
    private readonly StringBuilder filled = new();
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
    private int copied;

    private FilledForm(string page, TypedForm typed) => (this.page, this.typed, tags) = (page, typed, Tags().Matches(page));

    /// <summary>The page with what was typed in the form that it was typed into, and with a note before that; as it is where it has no
    /// such form any more.</summary>
    /// <param name="page">The page, UTF-8.</param>
    /// <param name="typed">What was typed.</param>
    /// <param name="request">What the page answers.</param>
    public static byte[] Fill(byte[] page, TypedForm typed, HttpRequest request)
    {
        var form = new FilledForm(Encoding.UTF8.GetString(page), typed);
        string here = request.Path.ToUriComponent() + request.QueryString.ToUriComponent();
        // What is asked in two steps is begun with the first, which is the form of the page itself.
        int at = form.Find(typed.Action, request.PathBase)
            ?? (form.Find(here, request.PathBase) is { } own && form.HasField(own) ? own : -1);
        return at < 0 ? page : Encoding.UTF8.GetBytes(form.Fill(at));
    }

    private int? Find(string action, PathString pathBase)
    {
        for (int i = 0; i < tags.Count; i++)
            if (NameOf(tags[i]) == "form" && Attribute(tags[i], "method") == "post"
                && IsSame(Attribute(tags[i], "action") ?? "", action, pathBase) && IsAbout(i)) return i;
        return null;
    }

    // Encoded in one way or another, and with or without what the issuer has before its paths.
    private static bool IsSame(string asked, string action, PathString pathBase) =>
        Uri.UnescapeDataString(asked) is var plain && Uri.UnescapeDataString(action) is var wanted
        && (plain == wanted || pathBase.HasValue && plain == pathBase.Value + wanted);

    // Of several forms with one address the one whose hidden fields say the same.
    private bool IsAbout(int form) => Inside(form).Select(i => tags[i]).Where(t => Attribute(t, "type") == "hidden")
        .All(t => Attribute(t, "name") is not { } name || OfTheForm.Contains(name) || typed[name].Length == 0
            || typed[name].Contains(Attribute(t, "value")));

    private bool HasField(int form) =>
        Inside(form).Any(i => Attribute(tags[i], "type") != "hidden" && Attribute(tags[i], "name") is { } name && typed[name].Length > 0);

    private IEnumerable<int> Inside(int form) =>
        Enumerable.Range(form + 1, tags.Count - form - 1).TakeWhile(i => NameOf(tags[i]) != "/form");

    private string Fill(int form)
    {
        if (Around(form) is { } closed) Replace(tags[closed], With(tags[closed], "open", ""));
        Copy(tags[form].Index);
        filled.Append("<p class=\"note plain\" role=\"status\" tabindex=\"-1\" autofocus>")
            .Append(NoticeWords.FilledAgain).Append(typed.LacksSecrets ? NoticeWords.LacksSecrets : "").Append("</p>");
        string? choice = null;
        foreach (int i in Inside(form))
        {
            string? name = Attribute(tags[i], "name");
            switch (NameOf(tags[i]))
            {
                case "input" when name is not null: FillInput(tags[i], name); break;
                case "textarea" when name is not null && !TypedForm.IsSecret(name) && Next(name) is { } text:
                    Copy(tags[i].Index + tags[i].Length);
                    filled.Append(HtmlEncoder.Default.Encode(text));
                    copied = page.IndexOf("</textarea", copied, StringComparison.Ordinal);
                    break;
                case "select": choice = name; break;
                case "option" when choice is not null && typed[choice].Length > 0:
                    Choose(tags[i], "selected", typed[choice].Contains(Attribute(tags[i], "value")));
                    break;
            }
        }
        Copy(page.Length);
        return filled.ToString();
    }

    private void FillInput(Match tag, string name)
    {
        switch (Attribute(tag, "type") ?? "text")
        {
            case "hidden" when name == FormAnswers.Field && typed.Mark is { } mark: Replace(tag, With(tag, "value", mark)); break;
            case "hidden" when name == "version" && Next(name) is { } version: Replace(tag, With(tag, "value", version)); break;
            case "hidden" or "password" or "submit" or "button": break;
            case "checkbox" or "radio": Choose(tag, "checked", typed[name].Contains(Attribute(tag, "value"))); break;
            default:
                if (!TypedForm.IsSecret(name) && Next(name) is { } text) Replace(tag, With(tag, "value", text));
                break;
        }
    }

    // The next value of a field: there may be several of one name.
    private string? Next(string name)
    {
        int next = taken.GetValueOrDefault(name);
        taken[name] = next + 1;
        return typed[name].ElementAtOrDefault(next);
    }

    // The fold that a form is in.
    private int? Around(int form)
    {
        var open = new Stack<int>();
        for (int i = 0; i < form; i++)
        {
            if (NameOf(tags[i]) == "details") open.Push(i);
            else if (NameOf(tags[i]) == "/details") open.TryPop(out _);
        }
        return open.TryPeek(out int around) ? around : null;
    }

    private void Choose(Match tag, string attribute, bool isChosen) =>
        Replace(tag, isChosen ? With(tag, attribute, "") : Without(tag, attribute));

    private void Copy(int until)
    {
        filled.Append(page, copied, until - copied);
        copied = until;
    }

    private void Replace(Match tag, string by)
    {
        Copy(tag.Index);
        filled.Append(by);
        copied = tag.Index + tag.Length;
    }

    private static string NameOf(Match tag) => tag.Groups["name"].Value;

    // Null where there is none; empty for one without a value.
    private static string? Attribute(Match tag, string name) => Attributes().Matches(tag.Groups["attributes"].Value)
        .FirstOrDefault(a => a.Groups["name"].Value == name) is { } found ? WebUtility.HtmlDecode(found.Groups["value"].Value) : null;

    private static string With(Match tag, string attribute, string value) =>
        $"{Without(tag, attribute)[..^1]} {attribute}=\"{HtmlEncoder.Default.Encode(value)}\">";

    private static string Without(Match tag, string attribute) => $"<{NameOf(tag)}{string.Concat(
        Attributes().Matches(tag.Groups["attributes"].Value).Where(a => a.Groups["name"].Value != attribute).Select(a => a.Value))}>";

    [GeneratedRegex("""<(?<name>/?[a-z][a-z0-9]*)(?<attributes>(?:\s+[^\s=>"/]+(?:="[^"]*")?)*)\s*/?>""")]
    private static partial Regex Tags();

    [GeneratedRegex("""\s+(?<name>[^\s=>"/]+)(?:="(?<value>[^"]*)")?""")]
    private static partial Regex Attributes();
}

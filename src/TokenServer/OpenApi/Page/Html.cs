using System.Xml.Linq;

namespace TokenServer.OpenApi.Page;

/// <summary>Elements of the page; XLinq escapes what is in them.</summary>
internal static class Html
{
    public static XElement Of(string name, string? style, params object?[] content) =>
        new(name, style is null ? null : new XAttribute("class", style), content, "");

    /// <summary>A sentence in which what stands between backticks is code.</summary>
    public static IEnumerable<object> Text(string text) =>
        text.Split('`').Select((part, i) => i % 2 == 0 ? (object)new XText(part) : new XElement("code", part));

    /// <summary>What opens on a click, without a script.</summary>
    public static XElement Folded(string? style, object summary, params object?[] content) =>
        Of("details", style, new XElement("summary", summary), content);
}

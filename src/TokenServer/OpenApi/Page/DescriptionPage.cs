using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace TokenServer.OpenApi.Page;

/// <summary>The document as a page: the faces, their routes, and all that there is to say of each. It has no script,
/// and nothing from elsewhere.</summary>
internal sealed class DescriptionPage
{
    private readonly JsonObject document;
    private readonly string style;

    // Made once: who looks for something has only to be found it.
    private readonly ShownOperation[] operations;
    private readonly ILookup<string, XElement> shared;

    /// <param name="document">The document.</param>
    /// <param name="style">The address of the style sheet.</param>
    public DescriptionPage(JsonObject document, string style)
    {
        (this.document, this.style) = (document, style);
        var html = new OperationHtml(document);
        operations = [.. document["paths"]!.AsObject()
            .SelectMany(p => p.Value!.AsObject(), (p, o) => (Path: p.Key, Method: o.Key, Operation: o.Value!.AsObject()))
            .Select(o => new ShownOperation(o.Operation["tags"]![0]!.ToString(), $"{o.Method} {o.Path} {o.Operation.ToJsonString()}",
                html.Of(o.Method, o.Path, o.Operation)))];
        shared = Shared(document)
            .ToLookup(s => s.Face, s => html.Shared(s.Name, s.Status, document["components"]!["responses"]![s.Name]!.AsObject()));
    }

    /// <summary>The page with the operations alone that have each of the <paramref name="words"/> somewhere, in any case.</summary>
    public string Of(params string[] words) => "<!DOCTYPE html>\n"
        + new XElement("html", new XAttribute("lang", "en"), Head(style), Body(words)).ToString(SaveOptions.DisableFormatting);

    private static XElement Head(string style) => new("head",
        new XElement("meta", new XAttribute("charset", "utf-8")),
        Meta("viewport", "width=device-width, initial-scale=1"), Meta("color-scheme", "light dark"),
        new XElement("title", "TokenServer API"), new XElement("link", new XAttribute("rel", "stylesheet"), new XAttribute("href", style)));

    private XElement Body(string[] words)
    {
        var info = document["info"]!;
        var faces = document["tags"]!.AsArray()
            .Select((t, i) => (Name: t!["name"]!.ToString(), Said: t["description"]!.ToString(), Id: $"face-{i + 1}")).ToList();
        var all = operations.Where(o => Has(o.Text, words)).ToLookup(o => o.Face, o => o.Element);
        var shown = faces.Where(f => words.Length == 0 || all[f.Name].Any());
        return new XElement("body",
            Html.Of("header", null, Html.Of("h1", null, "TokenServer API"),
                Html.Of("p", "lead", info["summary"]!.ToString()), Html.Of("p", null, Html.Text(info["description"]!.ToString())),
                Html.Of("p", null, "For programs: ", Link("/openapi/v1.json", "/openapi/v1.json"),
                    ", OpenAPI ", document["openapi"]!.ToString(), ".")),
            Html.Of("nav", null, new XAttribute("aria-label", "Faces"),
                shown.Select(f => Link("#" + f.Id, f.Name)), Link("#authentication", "Authentication")),
            Html.Of("main", null, Search(words, all.Sum(f => f.Count())),
                shown.Select(f => Html.Of("section", null, new XAttribute("id", f.Id),
                    Html.Of("h2", null, f.Name), Html.Of("p", "said", Html.Text(f.Said)), all[f.Name],
                    shared[f.Name].Any() ? Html.Of("div", "card", Html.Of("h3", null, "Answers in common"), shared[f.Name]) : null)),
                Html.Of("section", null, new XAttribute("id", "authentication"), Html.Of("h2", null, "Authentication"), Html.Of("ul",
                    "fields card", document["components"]!["securitySchemes"]!.AsObject().Select(s => Scheme(s.Key, s.Value!))))));
    }

    private static XElement Search(string[] words, int found) => Html.Of("form", "search", new XAttribute("role", "search"),
        Html.Of("label", null, new XAttribute("for", "q"), "Find"),
        new XElement("input", new XAttribute("id", "q"), new XAttribute("name", "q"), new XAttribute("type", "search"),
            new XAttribute("maxlength", OpenApiEndpoints.LongestQuestion), new XAttribute("value", string.Join(' ', words))),
        Html.Of("button", null, new XAttribute("type", "submit"), "Find"),
        words.Length == 0 ? null : Html.Of("p", "said", new XAttribute("role", "status"),
            found switch { 0 => "No route has that. ", 1 => "One route has that. ", _ => $"{found} routes have that. " },
            Link("/openapi", "Show all")));

    private static bool Has(string text, string[] words) => words.All(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));

    // Which face first gives each answer that operations have in common, and with which status.
    private static IEnumerable<(string Name, string Status, string Face)> Shared(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => o.Value!)
        .SelectMany(o => o["responses"]!.AsObject(),
            (o, r) => (Reference: r.Value!["$ref"]?.ToString(), Status: r.Key, Face: o["tags"]![0]!.ToString()))
        .Where(r => r.Reference is not null).Select(r => (r.Reference!.Split('/')[^1], r.Status, r.Face))
        .DistinctBy(r => r.Item1).OrderBy(r => r.Status, StringComparer.Ordinal);

    private static XElement Scheme(string name, JsonNode scheme) =>
        Html.Of("li", null, new XAttribute("id", name), Html.Of("code", "name", name), " ",
        Html.Of("span", "type", scheme["scheme"] is { } http
            ? $"Authorization: {(http.ToString() == "basic" ? "Basic" : "Bearer " + scheme["bearerFormat"])}" : $"cookie {scheme["name"]}"),
            Html.Of("span", "said", Html.Text(scheme["description"]!.ToString())));

    private static XElement Meta(string name, string content) =>
        new("meta", new XAttribute("name", name), new XAttribute("content", content));

    private static XElement Link(string address, string text) => new("a", new XAttribute("href", address), text);
}

/// <summary>An operation as the page shows it.</summary>
/// <param name="Face">The face it belongs to.</param>
/// <param name="Text">What it is found by.</param>
/// <param name="Element">What is shown.</param>
internal sealed record ShownOperation(string Face, string Text, XElement Element);

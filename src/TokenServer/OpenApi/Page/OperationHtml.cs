using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace TokenServer.OpenApi.Page;

/// <summary>One operation: who may ask, with what, and every answer, each with its examples.</summary>
internal sealed class OperationHtml(JsonObject root)
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SchemaHtml schemas = new(root);

    public XElement Of(string method, string path, JsonObject operation)
    {
        string id = Text(operation, "operationId")!;
        object[] summary = [Html.Of("span", "method " + method, method.ToUpperInvariant()), " ",
            Html.Of("code", "path", Breakable(path)), " ", Html.Of("span", "summary", Text(operation, "summary")!)];
        return Html.Folded("operation", summary, Html.Of("div", "inside", new XAttribute("id", id),
            Text(operation, "description") is { } said ? Html.Of("p", null, Html.Text(said)) : null,
            Security(operation), Parameters(operation),
            Html.Of("h3", null, "Request"), Request(method, path, operation), Html.Of("h3", null, "Answers"),
            operation["responses"]!.AsObject().Select(a => a.Value!["$ref"] is { } shared
                ? Elsewhere(a.Key, shared.ToString(), schemas.Resolve(a.Value)) : Answer(a.Key, schemas.Resolve(a.Value)))));
    }

    /// <summary>An answer that operations have in common, once.</summary>
    public XElement Shared(string name, string status, JsonObject answer) => Answer(status, answer, name);

    private static XElement Elsewhere(string status, string reference, JsonObject answer) =>
        Html.Of("div", "answer empty", Html.Of("p", null,
        Status(status), " ",
        new XElement("a", new XAttribute("href", "#" + reference.Split('/')[^1]), Html.Text(Text(answer, "description")!))));

    private static XElement Status(string status) => Html.Of("span", status[0] == '2' ? "status good" : "status", status);

    // So that a long path wraps at its slashes.
    private static IEnumerable<object> Breakable(string path) =>
        path.Split('/').Skip(1).SelectMany(part => new object[] { new XElement("wbr"), "/" + part });

    private static XElement Security(JsonObject operation)
    {
        var ways = operation["security"]!.AsArray().Select(way => way!.AsObject().FirstOrDefault()).ToList();
        if (ways.Count == 0) return Html.Of("p", "who", "For everybody.");
        bool isClient = ways.Any(w => w.Key == "clientSecret");
        return Html.Of("p", "who", "Authenticated by ",
            ways.SelectMany((way, i) => (object[])[i == 0 ? "" : " or ", .. Way(way.Key, way.Value, isClient, operation)]), ".");
    }

    private static object[] Way(string? scheme, JsonNode? scopes, bool isClient, JsonObject operation) => scheme switch
    {
        null => [isClient ? "the client's id and secret in the form" : operation["requestBody"] is null ? "nothing" : "the form"],
        _ when scopes!.AsArray() is { Count: > 0 } named => [new XElement("a", new XAttribute("href", "#" + scheme), scheme),
            " with the scope ", new XElement("code", string.Join(" ", named.Select(n => n!.ToString())))],
        _ => [new XElement("a", new XAttribute("href", "#" + scheme), scheme)],
    };

    // As the first of the ways to authenticate has them.
    private string Credentials(JsonObject operation)
    {
        if (operation["security"]!.AsArray().FirstOrDefault()?.AsObject().Select(s => s.Key).FirstOrDefault() is not { } way) return "";
        var scheme = root["components"]!["securitySchemes"]![way]!;
        return scheme["name"] is { } cookie ? $"\nCookie: {cookie}=…" : scheme["scheme"]!.ToString() == "basic"
            ? "\nAuthorization: Basic …" : "\nAuthorization: Bearer …";
    }

    private object?[] Parameters(JsonObject operation)
    {
        if (operation["parameters"] is not JsonArray parameters) return [];
        return [Html.Of("h3", null, "Parameters"), Html.Of("ul", "fields", parameters.Select(p => schemas.Resolve(p!)).Select(p =>
            schemas.Field(Text(p, "name")!, p["schema"]!, p["required"]?.GetValue<bool>() ?? false,
                Text(p, "description"), "in the " + Text(p, "in"))))];
    }

    private XElement Request(string method, string path, JsonObject operation)
    {
        string line = $"{method.ToUpperInvariant()} {Address(path, operation)}{Credentials(operation)}";
        if (operation["requestBody"] is not { } body)
            return Html.Of("div", "pair", Html.Of("div", null, Html.Of("p", "quiet", "No body.")),
                Html.Of("div", null, Html.Of("pre", null, line)));
        var (type, media) = body["content"]!.AsObject().Single();
        bool isForm = type.Contains("form", StringComparison.Ordinal);
        return Html.Of("div", "pair",
            Html.Of("div", null, Html.Of("p", "quiet", new XElement("code", type),
                body["required"]?.GetValue<bool>() ?? false ? "" : ", may be left out"), schemas.Fields(media!["schema"]!)),
            Html.Of("div", null, media["examples"]!.AsObject().Select((e, i) => Example(e.Key,
                $"{line}\nContent-Type: {type}\n\n{(isForm ? Form(e.Value!["value"]!) : e.Value!["value"]!.ToJsonString(Indented))}",
                i == 0))));
    }

    private XElement Answer(string status, JsonObject answer, string? id = null)
    {
        var media = answer["content"]?.AsObject().Single();
        var headers = answer["headers"]?.AsObject().Select(h => (h.Key, Header: schemas.Resolve(h.Value!)))
            .Select(h => schemas.Field(h.Key, h.Header["schema"]!, false, Text(h.Header, "description"), "header")).ToList();
        object[] summary = [Status(status), " ", Html.Of("span", null, Html.Text(Text(answer, "description")!))];
        if (media is null && headers is null) return Html.Of("div", "answer empty", Html.Of("p", null, summary));
        // A link to what is inside opens it.
        var folded = Html.Folded("answer", summary, Html.Of("div", "pair", id is null ? null : new XAttribute("id", id),
            Html.Of("div", null, headers is null ? null : Html.Of("ul", "fields", headers),
                media is null ? null : schemas.Fields(media.Value.Value!["schema"]!)),
            Html.Of("div", null, media?.Value!["examples"]!.AsObject()
                .Select((e, i) => Example(e.Key, e.Value!["value"]!.ToJsonString(Indented), i == 0)))));
        if (status[0] == '2') folded.SetAttributeValue("open", "");
        return folded;
    }

    private static XElement Example(string name, string text, bool open)
    {
        var folded = Html.Folded("example", name.Replace('_', ' '), Html.Of("pre", null, text));
        if (open) folded.SetAttributeValue("open", "");
        return folded;
    }

    private string Address(string path, JsonObject operation) =>
        (operation["parameters"]?.AsArray() ?? []).Select(p => schemas.Resolve(p!)).Where(p => Text(p, "in") == "path")
        .Aggregate(path, (address, p) => address.Replace("{" + Text(p, "name") + "}", p["example"]!.ToString(), StringComparison.Ordinal));

    private static string Form(JsonNode values) =>
        string.Join("\n&", values.AsObject().Select(v => $"{v.Key}={Uri.EscapeDataString(v.Value!.ToString())}"));

    private static string? Text(JsonObject node, string name) => node[name]?.GetValue<string>();
}

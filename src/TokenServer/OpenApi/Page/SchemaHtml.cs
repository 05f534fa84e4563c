using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace TokenServer.OpenApi.Page;

/// <summary>Schemas as lists of fields: name, type, whether it is required, what it means.</summary>
internal sealed class SchemaHtml(JsonObject root)
{
    /// <summary>The node, or what its <c>$ref</c> names.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        if (node["$ref"]?.GetValue<string>() is not { } reference) return node.AsObject();
        return reference.Split('/').Skip(1).Aggregate((JsonNode)root, (found, part) => found[part]!).AsObject();
    }

    /// <summary>The fields of a schema; the alternatives, where there are some; null for a schema without either.</summary>
    public XElement? Fields(JsonNode node)
    {
        var schema = Resolve(node);
        if (Alternatives(schema) is { Count: > 1 } alternatives)
            return Html.Of("div", "alternatives", new XElement("p", "One of:"),
                alternatives.Select(a => Html.Of("div", "alternative", Note(Resolve(a)), Fields(a) ?? Html.Of("p", null, Type(a)))));
        if (schema["items"] is { } items) return Fields(items);
        if (schema["properties"] is not JsonObject { Count: > 0 } properties)
            return Alternatives(schema) is [{ } only] ? Fields(only) : null;
        string[] required = [.. (schema["required"]?.AsArray() ?? []).Select(r => r!.GetValue<string>())];
        return Html.Of("ul", "fields", properties.Select(p => Field(p.Key, p.Value!, required.Contains(p.Key))));
    }

    /// <summary>One field, parameter or header.</summary>
    public XElement Field(string name, JsonNode node, bool required, string? description = null, string? place = null)
    {
        var schema = Resolve(node);
        string? said = description ?? (node["description"] ?? schema["description"])?.GetValue<string>();
        return Html.Of("li", null, Html.Of("code", "name", name), " ", Html.Of("span", "type",
            place is null ? "" : place + ", ", Type(node)), required ? Html.Of("span", "required", "required") : null,
            said is null ? null : Html.Of("span", "said", Html.Text(said)), Limits(schema) is { Length: > 0 } limits
                ? Html.Of("span", "limits", limits) : null, Fields(node));
    }

    private static XElement? Note(JsonObject schema) =>
        schema["description"] is { } said ? Html.Of("p", null, Html.Text(said.GetValue<string>())) : null;

    private static List<JsonNode> Alternatives(JsonObject schema) =>
        [.. ((schema["oneOf"] ?? schema["anyOf"])?.AsArray() ?? []).Select(a => a!).Where(a => a["type"]?.ToString() != "null")];

    private string Type(JsonNode node)
    {
        var schema = Resolve(node);
        if (schema["const"] is { } value) return value.ToJsonString();
        if (schema["enum"] is JsonArray values) return string.Join(" | ", values.Select(v => v?.ToJsonString() ?? "null"));
        if (schema["anyOf"] is JsonArray any) return string.Join(" or ", any.Select(a => Type(a!)));
        if (schema["oneOf"] is JsonArray one) return string.Join(" or ", one.Select(a => Type(a!)));
        if (schema["items"] is { } items) return "array of " + Type(items);
        string type = schema["type"] switch { JsonArray types => string.Join(" or ", types.Select(t => t!.ToString())),
            { } named => named.ToString(), null => "anything" };
        return schema["format"] is { } format and not JsonObject && format.ToString() != "password" ? $"{type} ({format})" : type;
    }

    private static string Limits(JsonObject schema)
    {
        var said = new List<string>();
        if (schema["pattern"] is { } pattern) said.Add(pattern.GetValue<string>());
        if (Range(schema, "minLength", "maxLength", " characters") is { } length) said.Add(length);
        if (Range(schema, "minimum", "maximum", "") is { } range) said.Add(range);
        if (schema["default"] is { } usual) said.Add("default " + usual.ToJsonString());
        return string.Join("; ", said);
    }

    private static string? Range(JsonObject schema, string least, string most, string unit) => (schema[least], schema[most]) switch
    {
        (null, null) => null,
        ({ } from, null) => $"at least {from}{unit}",
        (null, { } to) => $"at most {to}{unit}",
        var (from, to) => $"{from} to {to}{unit}",
    };
}

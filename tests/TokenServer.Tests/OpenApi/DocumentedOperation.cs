using System.Text.Json.Nodes;

namespace TokenServer.Tests.OpenApi;

/// <summary>An operation as the document describes it.</summary>
internal sealed class DocumentedOperation(string method, string path, JsonObject operation, JsonObject root)
{
    public string Method { get; } = method.ToUpperInvariant();
    public string Path { get; } = path;
    public string Id { get; } = operation["operationId"]!.GetValue<string>();

    /// <summary>The id that the same operation has at the face's other prefix.</summary>
    public string Kind => Id.EndsWith("_v1", StringComparison.Ordinal) ? Id[..^3] : Id;

    /// <summary>The ways to authenticate; null is the way without a header.</summary>
    public IReadOnlyList<string?> Ways { get; } = [.. operation["security"]!.AsArray().Select(w => w!.AsObject().Select(s => (string?)s.Key).FirstOrDefault()).DefaultIfEmpty(null)];
    public bool IsForEverybody { get; } = operation["security"]!.AsArray().Count == 0;
    public bool HasBody => Media is not null;
    public bool HasForm => Media?.Key.Contains("form", StringComparison.Ordinal) == true;
    public IReadOnlyList<int> Statuses { get; } = [.. operation["responses"]!.AsObject().Select(r => int.Parse(r.Key))];

    /// <summary>The example requests, by name; one without a body where the operation takes none.</summary>
    public IReadOnlyList<(string Name, JsonObject? Body)> Examples => Media is { } media
        ? [.. media.Value!["examples"]!.AsObject().Select(e => (e.Key, (JsonObject?)e.Value!["value"]!.DeepClone().AsObject()))] : [("", null)];

    /// <summary>What parameters of a place are documented, each with its example.</summary>
    public IEnumerable<(string Name, JsonNode? Example)> Parameters(string place) =>
        (operation["parameters"]?.AsArray() ?? []).Select(p => Resolve(p!)).Where(p => p["in"]!.GetValue<string>() == place).Select(p => (p["name"]!.GetValue<string>(), p["example"]));

    /// <summary>The status whose answers have an example of the request example's name, else the first that is a success.</summary>
    public int Expected(string example)
    {
        int named = operation["responses"]!.AsObject().Where(r => Resolve(r.Value!)["content"]?.AsObject().Single().Value!["examples"]!.AsObject().ContainsKey(example) == true).Select(r => int.Parse(r.Key)).FirstOrDefault();
        if (named != 0) return named;
        return Examples.Count == 1 ? Statuses.First(s => s is >= 200 and < 300) : throw new InvalidOperationException($"{Id}: no answer has an example {example}");
    }

    public override string ToString() => $"{Method} {Path}";

    private KeyValuePair<string, JsonNode?>? Media => operation["requestBody"]?["content"]!.AsObject().Single();

    private JsonNode Resolve(JsonNode node) => node["$ref"] is { } reference ? reference.GetValue<string>().Split('/').Skip(1).Aggregate((JsonNode)root, (n, part) => n[part]!) : node;

    public static IReadOnlyList<DocumentedOperation> All(JsonObject document) =>
        [.. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject(), (p, o) => new DocumentedOperation(o.Key, p.Key, o.Value!.AsObject(), document))];
}

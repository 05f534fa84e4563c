using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace TokenServer.Admin;

/// <summary>The JSON object of a request, read strictly: what is unknown or of the wrong type is told by its name.</summary>
internal static class AdminBody
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public static async ValueTask<(T? Value, Problem? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type) where T : class
    {
        var (node, problem) = await ReadObjectAsync(request);
        return node is null ? (null, problem) : Bind(node, type);
    }

    /// <summary>Reads a merge patch (RFC 7396): a member replaces, null removes, what is not named stays.</summary>
    public static async ValueTask<(JsonObject? Patch, Problem? Problem)> ReadObjectAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return (null, new(StatusCodes.Status415UnsupportedMediaType, "The body must be application/json."));
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        try
        {
            bytes.Position = 0;
            return JsonNode.Parse(bytes, nodeOptions: null, Options) is JsonObject members
                ? (members, null) : (null, Problem.BadRequest("The body must be a JSON object."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return (null, Problem.BadRequest("The body is not valid JSON, or names a member twice."));
        }
    }

    /// <summary>The object as a <typeparamref name="T"/>; the nulls of a patch have no type, since they remove.</summary>
    public static (T? Value, Problem? Problem) Bind<T>(JsonObject members, JsonTypeInfo<T> type, bool isPatch = false) where T : class
    {
        try
        {
            if (members.Select(m => m.Key).FirstOrDefault(name => type.Properties.All(p => p.Name != name)) is not null)
                return (null,
                    Problem.BadRequest($"A member is not known. Known are: {string.Join(", ", type.Properties.Select(p => p.Name))}."));
            return ((isPatch ? new JsonObject(members.Where(m => m.Value is not null)
                .Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))) : members).Deserialize(type), null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            string? path = (e as JsonException)?.Path;
            return (null, Problem.BadRequest(path is { Length: > 2 }
                ? $"{path[2..]} is not of the type that is expected." : "A member is not of the type that is expected."));
        }
    }

    /// <summary><paramref name="current"/> with <paramref name="patch"/> applied.</summary>
    public static JsonObject Merge(JsonObject current, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) current.Remove(name);
            else current[name] = value.DeepClone();
        }
        return current;
    }
}

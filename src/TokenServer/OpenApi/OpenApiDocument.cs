using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace TokenServer.OpenApi;

/// <summary>The OpenAPI 3.1 document, put together from its parts in <c>Document/</c>: one for each face,
/// and one for what they share.</summary>
internal sealed class OpenApiDocument
{
    private const string Shared = "document", AlsoBelow = "x-also-below";

    // In the order in which a reader meets them.
    private static readonly string[] Faces = ["connect", "intunnel", "vpn-enterprise", "pin",
        "account", "installs", "servers", "admin-clients", "admin-scopes", "admin-users", "admin-installs",
        "health"];
    private static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly string beforeAddress, afterAddress;

    /// <exception cref="InvalidOperationException">A part is missing, or says what another part says.</exception>
    public OpenApiDocument()
    {
        Root = Read(Shared);
        foreach (string face in Faces) Add(Root, Read(face));
        const string Address = "the server's address";
        Root["servers"]![0]!["url"] = Address;
        string[] parts = Root.ToJsonString(Written).Split(Address);
        (beforeAddress, afterAddress) = (parts[0], parts[1]);
    }

    /// <summary>The document; the address of its server is none.</summary>
    public JsonObject Root { get; }

    /// <summary>The document of the server at <paramref name="address"/>, UTF-8.</summary>
    public byte[] Of(string address) => Encoding.UTF8.GetBytes(beforeAddress + JavaScriptEncoder.Default.Encode(address) + afterAddress);

    private static JsonObject Read(string part)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"openapi/{part}.json")
            ?? throw new InvalidOperationException($"{part}.json is not embedded");
        return JsonNode.Parse(stream, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
    }

    private static void Add(JsonObject root, JsonObject part)
    {
        var paths = part["paths"]!.AsObject();
        if (part[AlsoBelow]?.GetValue<string>() is { } prefix) Repeat(paths, prefix);
        Move(paths, root["paths"]!.AsObject());
        foreach (var (kind, entries) in part["components"]!.AsObject())
        {
            if (root["components"]![kind] is null) root["components"]![kind] = new JsonObject();
            Move(entries!.AsObject(), root["components"]![kind]!.AsObject());
        }
    }

    // The same routes at another prefix: an operation has one id, so theirs say which prefix they are at.
    private static void Repeat(JsonObject paths, string prefix)
    {
        foreach (var (path, item) in paths.ToList())
        {
            var copy = item!.DeepClone().AsObject();
            foreach (var (_, operation) in copy)
                operation!["operationId"] = operation["operationId"]!.GetValue<string>() + prefix.Replace('/', '_');
            paths[prefix + path] = copy;
        }
    }

    private static void Move(JsonObject from, JsonObject to)
    {
        foreach (var (name, value) in from.ToList())
        {
            from.Remove(name);
            if (!to.TryAdd(name, value)) throw new InvalidOperationException($"{name} is described twice");
        }
    }
}

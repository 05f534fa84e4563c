using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.OpenApi;

/// <summary>Sends what the document describes, and writes down what came of it, for the validator to judge.</summary>
internal sealed class Exchanges(Rig rig)
{
    private const string Json = "application/json", Form = "application/x-www-form-urlencoded", Text = "text/plain";
    private readonly JsonArray all = [];

    public int Count => all.Count;

    public string Written => all.ToJsonString();

    /// <summary>Every example request, in every way that the operation may be authenticated.</summary>
    public async Task SendExamplesAsync(DocumentedOperation operation)
    {
        foreach (var (name, example) in operation.Examples)
        {
            foreach (string? way in operation.Ways)
            {
                // A client that is named in the form shows no header.
                if (way == "clientSecret" && example!.ContainsKey("client_id")) continue;
                var body = example?.DeepClone().AsObject();
                var fill = await FillAsync(operation, name, way, body);
                if (operation.HasForm && way is null && operation.Ways.Contains("clientSecret")) ShowClient(operation, body!);
                string? content = body is null || body.Count == 0 && operation.HasForm ? null : operation.HasForm ? Encode(body) : body.ToJsonString();
                await SendAsync($"{operation} {name} by {way ?? "nothing"}", operation, operation.Expected(name), fill, way, content, request: content is null ? null : body);
            }
        }
    }

    /// <summary>What is refused: without credentials, with a body or a parameter that is wrong, for what is not there.</summary>
    public async Task SendMistakesAsync(DocumentedOperation operation)
    {
        string? way = operation.Ways[0];
        var (name, example) = operation.Examples[0];
        async Task<Fill> FillNewAsync() => await FillAsync(operation, name, way, example?.DeepClone().AsObject());
        if (!operation.IsForEverybody && !operation.Ways.Contains(null)) await SendAsync($"{operation} without credentials", operation, 0, await FillNewAsync(), null, null);
        if (!operation.IsForEverybody && way != "browserSession" && !operation.Ways.Contains("clientSecret"))
            await SendAsync($"{operation} with a wrong token", operation, 401, [], way, null, header: ("Authorization", "Bearer wrong"));
        if (operation.Statuses.Contains(400) && operation.HasBody)
        {
            await SendAsync($"{operation} with a broken body", operation, 400, await FillNewAsync(), way, operation.HasForm ? "a=%zz" : "{");
            await SendAsync($"{operation} with text", operation, operation.HasForm ? 400 : 415, await FillNewAsync(), way, "text", Text);
            await SendAsync($"{operation} with too much", operation, 413, await FillNewAsync(), way, new string(' ', 64 * 1024 + 1));
        }
        foreach (var (parameter, _) in operation.Parameters("query").Where(p => p.Name is "limit" or "dry_run"))
            await SendAsync($"{operation} with a wrong {parameter}", operation, 400, await FillNewAsync(), way, null, query: $"?{parameter}=none");
        foreach (var (parameter, _) in operation.Parameters("path"))
            await SendAsync($"{operation} for what is not there", operation, operation.Statuses.Contains(404) ? 404 : 200, new Fill { [parameter] = "999999" }, way, example?.ToJsonString());
        if (operation.Parameters("header").Any(h => h.Name == "If-Match"))
            await SendAsync($"{operation} of another version", operation, 412, await FillNewAsync(), way, example!.ToJsonString(), headers: ("If-Match", "\"another\""));
    }

    /// <summary>A request over plain HTTP to a server that wants HTTPS.</summary>
    public Task SendPlainlyAsync(DocumentedOperation operation)
    {
        int refused = operation.Path.StartsWith("/connect", StringComparison.Ordinal) || operation.Path.StartsWith("/.well-known", StringComparison.Ordinal) ? 400 : 403;
        return SendAsync($"{operation} over HTTP", operation, operation.Id is "getHealth" or "getLive" or "getReady" ? 200 : refused, [], null, null);
    }

    /// <summary>The same request until it is refused as one too many.</summary>
    public async Task SendTooManyAsync(DocumentedOperation operation)
    {
        var (name, example) = operation.Examples[0];
        string? way = operation.Ways[0], content = null;
        var fill = new Fill();
        (string, string)? header = null;
        for (int i = 0; i < 10; i++)
        {
            // What repeats an install is let through, so there each request has a code of its own.
            if (i == 0 || operation.Path.StartsWith("/api/v2", StringComparison.Ordinal))
            {
                var body = example?.DeepClone().AsObject();
                fill = await FillAsync(operation, name, way, body);
                content = body is null ? null : operation.HasForm ? Encode(body) : body.ToJsonString();
                header = await fill.HeaderAsync(rig, operation.Kind, way);
            }
            using var request = Request(operation, fill, header, content, operation.HasForm ? Form : Json, "");
            if ((await rig.Server.SendAsync(request)).Status == 429) break;
        }
        await SendAsync($"{operation} too often", operation, 429, fill, way, content, header: header);
    }

    private async Task<Fill> FillAsync(DocumentedOperation operation, string example, string? way, JsonObject? body)
    {
        var fill = await Fill.ForAsync(rig, operation.Kind, example, way);
        foreach (var (member, value) in fill)
        {
            if (body?.ContainsKey(member) != true) continue;
            if (value is null) body.Remove(member);
            else body[member] = value;
        }
        return fill;
    }

    private async Task SendAsync(string what, DocumentedOperation operation, int expected, Fill fill, string? way, string? content, string? contentType = null, JsonObject? request = null, string query = "",
        (string Name, string Value)? header = null, params (string Name, string Value)[] headers)
    {
        header ??= await fill.HeaderAsync(rig, operation.Kind, way);
        using var message = Request(operation, fill, header, content, contentType ?? (operation.HasForm ? Form : Json), query);
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        var answer = await rig.Server.SendAsync(message);
        var shown = new JsonObject();
        foreach (var (name, values) in answer.Headers.Concat(answer.ContentHeaders)) shown[name.ToLowerInvariant()] = string.Join(", ", values);
        all.Add((JsonNode)new JsonObject { ["what"] = what, ["id"] = operation.Id, ["expected"] = expected, ["status"] = answer.Status, ["headers"] = shown, ["body"] = answer.Body, ["request"] = request?.DeepClone() });
    }

    private static HttpRequestMessage Request(DocumentedOperation operation, Fill fill, (string Name, string Value)? header, string? content, string contentType, string query)
    {
        string path = operation.Path;
        foreach (var (name, example) in operation.Parameters("path")) path = path.Replace($"{{{name}}}", Uri.EscapeDataString(fill.GetValueOrDefault(name) ?? example!.ToString()), StringComparison.Ordinal);
        if (query.Length == 0) query = string.Join('&', operation.Parameters("query").Where(p => p.Example is not null).Select((p, i) => $"{(i == 0 ? "?" : "")}{p.Name}={fill.GetValueOrDefault(p.Name) ?? p.Example}"));
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), path + query);
        if (content is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content)) { Headers = { ContentType = new(contentType) } };
        if (header is { } shown) request.Headers.TryAddWithoutValidation(shown.Name, shown.Value);
        return request;
    }

    private static void ShowClient(DocumentedOperation operation, JsonObject body)
    {
        if (body.ContainsKey("client_id")) return;
        string client = operation.Kind == "introspect" ? "api" : "web";
        (body["client_id"], body["client_secret"]) = (client, client + "-demo-secret");
    }

    private static string Encode(JsonObject form) => string.Join('&', form.Select(f => $"{Uri.EscapeDataString(f.Key)}={Uri.EscapeDataString(f.Value!.ToString())}"));
}

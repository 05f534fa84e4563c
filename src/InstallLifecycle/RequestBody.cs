using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace InstallLifecycle;

/// <summary>Reads the JSON object that a request carries; what is wrong with it is said in words that name the field.</summary>
internal static class RequestBody
{
    /// <summary>Bytes of a body (contract section 0).</summary>
    public const int Largest = 64 * 1024;

    public static async ValueTask<Outcome<T>> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type) where T : class
    {
        if (!request.HasJsonContentType()) return InstallError.UnsupportedMediaType;
        try
        {
            using var bytes = new MemoryStream();
            await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
            return bytes.Length > Largest ? InstallError.PayloadTooLarge : Parse(bytes, type);
        }
        catch (BadHttpRequestException e)
        {
            return InstallError.OfStatus(e.StatusCode);
        }
    }

    /// <summary>What <paramref name="check"/> makes of the body.</summary>
    public static async ValueTask<Outcome<TRequest>> ReadAsync<T, TRequest>(
        HttpRequest request, JsonTypeInfo<T> type, Func<T, Outcome<TRequest>> check) where T : class where TRequest : class
    {
        var (body, unreadable) = await ReadAsync(request, type);
        return body is null ? unreadable! : check(body);
    }

    /// <summary>As <see cref="ReadAsync{T}"/>, where the body may be left out as a whole;
    /// a client that always names a media type may do so too.</summary>
    public static async ValueTask<Outcome<T>> ReadOptionalAsync<T>(HttpRequest request, JsonTypeInfo<T> type) where T : class, new() =>
        request.ContentLength == 0 || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
            ? new T() : await ReadAsync(request, type);

    // From a stream, which may begin with a byte order mark.
    private static Outcome<T> Parse<T>(MemoryStream json, JsonTypeInfo<T> type) where T : class
    {
        json.Position = 0;
        try
        {
            return JsonSerializer.Deserialize(json, type) is { } value
                ? value : InstallError.InvalidRequest("The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            // The path names the member whose value is of the wrong type, for example $.hostname; what is no JSON, or no object, has none.
            return InstallError.InvalidRequest(e.Path is { } path
                && path.StartsWith("$.", StringComparison.Ordinal) && TypeOf(type, path[2..]) is { } wanted
                ? $"The field '{path[2..]}' must be {(wanted == typeof(bool?) ? "true or false" : "a string")}, once."
                : "The body must be a JSON object.");
        }
        catch (InvalidOperationException)
        {
            // A text that is no Unicode.
            return InstallError.InvalidRequest("The body is not valid JSON.");
        }
    }

    // Nothing that a stranger sent is said back.
    private static Type? TypeOf(JsonTypeInfo type, string name) => type.Properties.FirstOrDefault(p => p.Name == name)?.PropertyType;
}

using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;

namespace InstallLifecycle;

/// <summary>The answers of this face: <c>{data, meta:{message}}</c>, or <c>{error:{code, message}}</c> (contract section 5);
/// JSON, never stored.</summary>
internal static class Envelope
{
    private const string ContentType = "application/json; charset=utf-8";

    /// <summary>A success.</summary>
    public static Task WriteAsync<T>(HttpContext context, int status, T data, JsonTypeInfo<T> type, string message) =>
        WriteAsync(context, status, json =>
        {
            json.WritePropertyName("data"u8);
            JsonSerializer.Serialize(json, data, type);
            json.WriteStartObject("meta"u8);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
        });

    /// <summary>What a step came to.</summary>
    public static Task WriteAsync<T>(HttpContext context, int status, Outcome<T> outcome, JsonTypeInfo<T> type, string message)
        where T : class =>
        outcome.Value is { } data ? WriteAsync(context, status, data, type, message) : WriteAsync(context, outcome.Error!);

    /// <summary>An error.</summary>
    public static Task WriteAsync(HttpContext context, InstallError error)
    {
        SetRetryAfter(context, error);
        // Each of them is about a token in the body.
        if (error.Status == StatusCodes.Status401Unauthorized) BearerToken.Challenge(context, wasShown: true);
        return WriteAsync(context, error.Status, json =>
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, error.Code);
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
        });
    }

    /// <summary>An object as it is, without an envelope.</summary>
    public static Task WriteFlatAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type) =>
        WriteBytesAsync(context, status, JsonSerializer.SerializeToUtf8Bytes(value, type));

    public static void SetRetryAfter(HttpContext context, InstallError error)
    {
        if (error.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = new StringValues(seconds.ToString());
    }

    private static Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = InstallJson.Encoder }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return WriteBytesAsync(context, status, buffer.WrittenMemory);
    }

    private static async Task WriteBytesAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        var response = context.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, ContentType, json.Length);
        response.Headers.CacheControl = "no-store";
        // A body that is too large is not read to its end; a client that is not told sends its next request into it.
        if (status == StatusCodes.Status413PayloadTooLarge && HttpProtocol.IsHttp11(context.Request.Protocol))
            response.Headers.Connection = "close";
        await response.Body.WriteAsync(json);
    }
}

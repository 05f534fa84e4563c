using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;

namespace TokenServer.Foundation;

/// <summary>Writes JSON answers in one piece: <c>application/json; charset=utf-8</c>, with a length,
/// not to be stored unless said otherwise.</summary>
internal static class Json
{
    public const string ContentType = "application/json; charset=utf-8";

    // The relaxed encoder writes + as + (contract, first paragraph); the answers are JSON, never part of a page.
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    [ThreadStatic] private static ArrayBufferWriter<byte>? buffer;
    [ThreadStatic] private static Utf8JsonWriter? writer;

    public static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type) =>
        WriteAsync(context, status, (value, type), static (json, v) => JsonSerializer.Serialize(json, v.value, v.type));

    /// <summary>Answers with what <paramref name="write"/> writes.</summary>
    public static Task WriteAsync<TState>(HttpContext context, int status, TState state,
        Action<Utf8JsonWriter, TState> write, string contentType = ContentType,
        string cacheControl = "no-store") => WriteAsync(context, status, WriteHere(state, write), cacheControl, contentType);

    /// <summary>What <paramref name="write"/> writes.</summary>
    public static byte[] Write<TState>(TState state, Action<Utf8JsonWriter, TState> write) => WriteHere(state, write).ToArray();

    // The bytes are this thread's until its next call.
    private static ReadOnlySpan<byte> WriteHere<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        buffer ??= new ArrayBufferWriter<byte>(2048);
        writer ??= new Utf8JsonWriter(buffer, Options);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        write(writer, state);
        writer.Flush();
        return buffer.WrittenSpan;
    }

    /// <summary>Answers with <paramref name="json"/> as it is.</summary>
    public static Task WriteAsync(HttpContext context, int status, ReadOnlySpan<byte> json,
        string cacheControl, string contentType = ContentType)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = json.Length;
        response.Headers.CacheControl = cacheControl;
        response.BodyWriter.Write(json);
        return Task.CompletedTask;
    }
}

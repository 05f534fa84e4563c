using System.Text.Json.Serialization.Metadata;

namespace TokenServer.Foundation;

/// <summary>A JSON answer of a face.</summary>
internal sealed class JsonAnswer<T>(int status, T value, JsonTypeInfo<T> type) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => Json.WriteAsync(httpContext, status, value, type);
}

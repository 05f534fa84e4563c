using System.Text.Json.Serialization.Metadata;

namespace TokenServer.Foundation;

/// <summary>A JSON answer of a face.</summary>
internal sealed class JsonAnswer<T>(int status, T value, JsonTypeInfo<T> type) : IResult
{
    /// <summary>In a 401, what is wrong with the token that was shown, in OAuth's word; null where none was.</summary>
    public string? TokenError { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (status == StatusCodes.Status401Unauthorized)
            httpContext.Response.Headers.WWWAuthenticate = ShownToken.Challenge(httpContext, TokenError);
        return Json.WriteAsync(httpContext, status, value, type);
    }
}

using InstallLifecycle.Watching;
using OpenIddict.Abstractions;
using TokenServer.Connect.Requests;
using TokenServer.RevocationFeed;

namespace TokenServer.Connect.Events;

/// <summary>GET /connect/events/stream: the feed of what was revoked as server-sent events, after <c>Last-Event-ID</c>; POST for a client
/// that proves itself by a form, which may bring the cursor as <c>cursor</c>.</summary>
internal sealed class StreamEndpoint(FeedDoor door, FeedListeners listeners, FeedStream stream)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes, string path)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<StreamEndpoint>();
        routes.MapMethods("/" + path, [HttpMethods.Get, HttpMethods.Post], (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (await HandleOrRefuseAsync(http) is { } refusal) await refusal.ExecuteAsync(http);
    }

    private async Task<OAuthError?> HandleOrRefuseAsync(HttpContext http)
    {
        var (form, unreadable) = HttpMethods.IsPost(http.Request.Method) ? await Form.ReadAsync(http.Request)
            : (new OpenIddictRequest(), null);
        if (form is null) return unreadable;
        if (Name(http.Request, form) is not { } name || !PollRequest.IsName(name))
            return OAuthError.InvalidRequest("reader must be up to 64 letters, digits and . _ -, once");
        var (reader, refusal) = await door.EnterAsync(http, form, name, FeedReader.Stream);
        if (reader is null) return refusal;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            OpenAnswer.SetHeaders(http.Response);
            return null;
        }
        var (seat, isTheirs) = listeners.Enter(reader);
        if (seat is null) return isTheirs ? OAuthError.SlowDown(Later) : OAuthError.Unavailable();
        using (seat) await stream.WriteAsync(http, seat, reader, Cursor(http.Request, form));
        return null;
    }

    private static string? Name(HttpRequest request, OpenIddictRequest form) =>
        (string?)form.GetParameter("reader") ?? (request.Query["reader"] is { Count: <= 1 } names ? names.ToString() : null);

    private static string Cursor(HttpRequest request, OpenIddictRequest form) =>
        (string?)form.GetParameter("cursor") ?? request.Headers["Last-Event-ID"].ToString();
}

using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Browser.Tests.Support;

/// <summary>A client's own site, at another origin than the server: it begins a sign-in, and keeps what comes back to it.</summary>
internal sealed class ClientApp : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<IQueryCollection> replies = new();

    private ClientApp(WebApplication app) => this.app = app;

    /// <summary>Scheme, host and port; by a name that is another site's than the server's.</summary>
    public string Address => app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    /// <summary>Where the server's answers come back to.</summary>
    public string Callback => Address + "/signed-in";

    /// <summary>The last answer.</summary>
    public IQueryCollection Reply => replies.Last();

    /// <summary>How many answers have come.</summary>
    public int Replies => replies.Count;

    /// <summary>The address of a page of it with one link, which leads to <paramref name="authorize"/>.</summary>
    public string LinkTo(string authorize) => $"{Address}/start?to={Uri.EscapeDataString(authorize)}";

    public static async Task<ClientApp> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var client = new ClientApp(builder.Build());
        client.app.MapGet("/start", (string to) => Html("The client", $"<a href=\"{System.Net.WebUtility.HtmlEncode(to)}\">Sign in</a>"));
        client.app.MapGet("/signed-in", (HttpRequest request) =>
        {
            client.replies.Enqueue(request.Query);
            return Html("Back at the client", "");
        });
        await client.app.StartAsync();
        return client;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static IResult Html(string heading, string body) =>
        Results.Content($"<!DOCTYPE html><link rel=\"icon\" href=\"data:,\"><title>{heading}</title><h1>{heading}</h1>{body}", "text/html");
}

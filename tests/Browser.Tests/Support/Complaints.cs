using System.Collections.Concurrent;

namespace Browser.Tests.Support;

/// <summary>What no page of ours may do, and one did: errors on the console (Content Security Policy included), requests to others.</summary>
internal sealed class Complaints
{
    private readonly ConcurrentQueue<string> heard = new();

    /// <summary>Listens to <paramref name="page"/>, which may ask nobody but <paramref name="address"/>, and go to
    /// <paramref name="client"/>.</summary>
    public Complaints(IPage page, string address, string? client = null)
    {
        page.Console += (_, message) => { if (message.Type is "error" or "warning" && !IsAnswer(message.Text)) heard.Enqueue(message.Text); };
        page.PageError += (_, error) => heard.Enqueue(error);
        page.Context.Request += (_, request) => { if (!request.Url.StartsWith(address + "/", StringComparison.Ordinal) && !IsOfClient(request)) heard.Enqueue($"asked {request.Url}"); };

        bool IsOfClient(IRequest request) => client is not null && (request.Url.StartsWith(client + "/", StringComparison.Ordinal)
            || request.Url.StartsWith("data:", StringComparison.Ordinal) && request.Frame.Url.StartsWith(client + "/", StringComparison.Ordinal));
    }

    public void ShouldBeNone() => heard.Should().BeEmpty("a page of ours gives no cause for complaint");

    // Chromium itself writes a line for every answer of 400 and more, and for a request that the test cut.
    private static bool IsAnswer(string text) => text.StartsWith("Failed to load resource:", StringComparison.Ordinal) && !text.Contains("ERR_BLOCKED", StringComparison.Ordinal);
}

/// <summary>What tests ask of any page.</summary>
internal static class PageQuestions
{
    /// <summary>Whether the page is wider than its window.</summary>
    public static Task<bool> ScrollsSidewaysAsync(this IPage page) => page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");
}

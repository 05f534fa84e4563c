namespace TokenServer.Tests.Support;

/// <summary>An open stream of the events of a browser session's installs.</summary>
internal sealed class EventReader : IDisposable
{
    public const string Path = InstallRequests.Api + "/code/events";
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private EventReader(HttpResponseMessage response, StreamReader reader) => (this.response, this.reader) = (response, reader);

    /// <summary>The number of the last event that came.</summary>
    public string LastId { get; private set; } = "";

    /// <summary>Opens a stream with the cookie of a browser; it goes on after <paramref name="lastId"/>.</summary>
    public static async Task<EventReader> OpenAsync(HttpClient http, string cookie, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path) { Headers = { { "Cookie", cookie } } };
        if (lastId is not null) request.Headers.Add("Last-Event-ID", lastId);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        ((int)response.StatusCode).Should().Be(200);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream");
        return new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The event that tells of a step of <see cref="Installation"/>.</summary>
    public static string EventOf(string step) => step switch
    {
        Installation.Issue => "issued", Installation.Precheck => "prechecked", Installation.Activate => "activated",
        Installation.Register => "registered", Installation.Confirm => "confirmed", _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    /// <summary>The next event's name; null where the stream ends as it should.</summary>
    public async Task<string?> NextAsync()
    {
        while (await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) LastId = line[4..];
            if (line.StartsWith("event: ", StringComparison.Ordinal)) return line[7..];
        }
        return null;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}

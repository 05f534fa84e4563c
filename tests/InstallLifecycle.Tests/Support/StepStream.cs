using System.Text.Json;

namespace InstallLifecycle.Tests.Support;

/// <summary>An open stream of events, read as a browser reads it.</summary>
internal sealed class StepStream : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private StepStream(HttpResponseMessage response, StreamReader reader) => (this.response, this.reader) = (response, reader);

    public HttpResponseMessage Response => response;

    /// <summary>The number of the last event that came.</summary>
    public string LastId { get; private set; } = "";

    /// <summary>Opens a stream, which must be let in.</summary>
    public static async Task<StepStream> OpenAsync(HttpClient http, string cookie, string? lastId = null, params (string Name, string Value)[] headers)
    {
        var response = await SendAsync(http, cookie, [.. headers, .. lastId is null ? [] : new[] { ("Last-Event-ID", lastId) }]);
        ((int)response.StatusCode).Should().Be(200);
        var stream = new StepStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        (await stream.LineAsync()).Should().Be("retry: 2000");
        (await stream.LineAsync()).Should().BeEmpty();
        return stream;
    }

    /// <summary>Asks for a stream; the answer's beginning.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, string cookie, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Requests.V2}/code/events") { Headers = { { "Cookie", cookie } } };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The next event's name and data; null where the stream ends.</summary>
    public async Task<(string Name, JsonElement Data)?> NextAsync()
    {
        string name = "", data = "";
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) LastId = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            else if (line.Length == 0 && data.Length > 0) return (name, JsonDocument.Parse(data).RootElement);
            else line.Should().BeOneOf("", ":");
        }
        return null;
    }

    /// <summary>The names of the next events.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(int count)
    {
        var names = new List<string>();
        while (names.Count < count) names.Add((await NextAsync())!.Value.Name);
        return names;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }

    private Task<string?> LineAsync() => reader.ReadLineAsync().WaitAsync(Patience);
}

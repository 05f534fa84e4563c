using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>Reads the server's feed of what was revoked for as long as the program runs, and knows how old what it knows is. Copy it with
/// <see cref="RevokedTokens"/> and <see cref="KeySet"/>.</summary>
public sealed class RevokedFeed(HttpClient http, KeySet keys, RevokedTokens revoked, GatewayOptions options, GatewayMeter meter,
    TimeProvider clock, ILogger<RevokedFeed> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200), Silence = TimeSpan.FromSeconds(5), Pruning = TimeSpan.FromMinutes(10),
        Refused = TimeSpan.FromSeconds(5);
    private const int LongestLine = 64 * 1024, LargestAnswer = 4 * 1024 * 1024;
    private string cursor = "";
    private long currentAt;
    private TimeSpan leastDelay;
    private volatile bool wasCurrent;

    /// <summary>How long ago the server last said that nothing is missing; null where it never did. What it says then is true of
    /// everything that was answered a second before.</summary>
    public TimeSpan? Age => wasCurrent ? clock.GetElapsedTime(Interlocked.Read(ref currentAt)) : null;

    /// <summary>Whether what is known is young enough to decide by.</summary>
    public bool IsFresh => Age <= options.FeedBound;

    /// <summary>Reads until it is told to stop.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        meter.Watch(() => Age, () => revoked.Count);
        await using var pruning = clock.CreateTimer(_ => revoked.Forget(clock.GetUtcNow()), null, Pruning, Pruning);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pause;
            try
            {
                if (options.FeedBy == FeedWay.Stream) await StreamAsync(stoppingToken);
                else await PollAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException
                or FormatException or OverflowException or ArgumentOutOfRangeException or KeyNotFoundException or InvalidOperationException)
            {
                Log.Broken(logger, e.Message);
                // A server that does not let this gateway in is not asked five times a second.
                if (e is HttpRequestException { StatusCode: >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError }) pause = Refused;
            }
            // Not all at once, where many lost the same server.
            await Task.Delay(pause + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(200)), stoppingToken);
        }
    }

    private async Task StreamAsync(CancellationToken ct)
    {
        // A connection that says nothing is dead, whatever it looks like.
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ct);
        silence.CancelAfter(Silence);
        using var request = Request(HttpMethod.Get, $"/connect/events/stream?reader={Uri.EscapeDataString(options.Name)}");
        if (cursor.Length > 0) request.Headers.Add("Last-Event-ID", cursor);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        response.EnsureSuccessStatusCode();
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream") throw new IOException("what answers is no feed");
        await using var stream = await response.Content.ReadAsStreamAsync(silence.Token);
        leastDelay = TimeSpan.MaxValue;
        string? id = null, name = null, data = null;
        await foreach (string line in Bounded.LinesAsync(stream, LongestLine, silence.Token))
        {
            silence.CancelAfter(Silence);
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            if (line.Length > 0) continue;
            if (name == "set") await ApplyAsync(data!, ct);
            // What is dead stays so; until everything was told again the clock of what is known stands still.
            else if (name == "begin_anew") cursor = "";
            else if (name == "current") await TakeCurrentAsync(data!, ct);
            if (id is not null) cursor = id;
            (id, name, data) = (null, null, null);
        }
    }

    private async Task PollAsync(CancellationToken ct)
    {
        // Held for less than half the bound: else it would be stale between two answers.
        while (!ct.IsCancellationRequested)
        {
            long asked = clock.GetTimestamp();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Silence);
            using var request = Request(HttpMethod.Post, "/connect/events");
            request.Content = JsonContent.Create(new { cursor, reader = options.Name, maxEvents = 500, returnImmediately = true });
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            response.EnsureSuccessStatusCode();
            using var answer = JsonDocument.Parse(await Bounded.ReadAsync(response.Content, LargestAnswer, patience.Token));
            foreach (var set in answer.RootElement.GetProperty("sets").EnumerateObject()) await ApplyAsync(set.Value.GetString()!, ct);
            cursor = answer.RootElement.GetProperty("cursor").GetString()!;
            if (answer.RootElement.TryGetProperty("moreAvailable", out var more) && more.GetBoolean()) continue;
            // It was so when the answer was made, which was after it was asked for.
            if (await keys.AgreeAsync(KeySet.Text(answer.RootElement, "keys"), ct)) IsCurrent(asked);
            await Task.Delay(Pause, ct);
        }
    }

    private async Task ApplyAsync(string token, CancellationToken ct)
    {
        if (await keys.ReadAsync(token, "secevent+jwt", isFromServer: true, ct) is not { } claims || KeySet.Text(claims, "iss") != options.Issuer
            || KeySet.Text(claims, "aud") != options.ClientId)
            throw new FormatException("an event is not the server's, or not for this client");
        if (revoked.Apply(claims) is { } at) meter.Applied(clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0 - at, wasCurrent);
    }

    // Nothing is missing, and the keys are those that the server publishes: else what a replaced one signed would pass.
    private async Task TakeCurrentAsync(string data, CancellationToken ct)
    {
        long at = clock.GetTimestamp();
        using var said = JsonDocument.Parse(data);
        if (said.RootElement.TryGetProperty("time", out var time))
        {
            // By how much it took longer than the quickest of this connection: something on the way keeps it back.
            var delay = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds((long)(time.GetDecimal() * 1000));
            leastDelay = delay < leastDelay ? delay : leastDelay;
            var late = delay - leastDelay;
            if (late > options.FeedBound) throw new IOException("the feed comes too late");
            at -= (long)(late.TotalSeconds * clock.TimestampFrequency);
        }
        if (await keys.AgreeAsync(KeySet.Text(said.RootElement, "keys"), ct)) IsCurrent(at);
    }

    private void IsCurrent(long at)
    {
        Interlocked.Exchange(ref currentAt, at);
        wasCurrent = true;
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        string credentials = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}";
        return new(method, options.Of(path))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))) },
        };
    }

    private static class Log
    {
        private static readonly Action<ILogger, string, Exception?> broken = LoggerMessage.Define<string>(LogLevel.Warning, new(1, "Broken"),
            "The feed of what was revoked broke off; it is read on from where it was: {Problem}");

        public static void Broken(ILogger logger, string problem) => broken(logger, problem, null);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>Counts what a load was answered, holds each 503 against its face's shape, and gives it to the flow as <see cref="UnavailableException"/>.</summary>
internal sealed class Recorder(HttpMessageHandler way) : DelegatingHandler(way)
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);
    private int answered, unavailable, unanswered, slow;
    private long longest;

    public int Answered => answered;
    public int Unavailable => unavailable;
    public int Unanswered => unanswered;

    /// <summary>5xx that are no 503 of the server's, and 503 in a wrong shape.</summary>
    public ConcurrentQueue<string> Broken { get; } = new();

    public override string ToString() => $"{answered} answers: {unavailable} failed (503), {slow} slow (> 1 s), the longest {TimeSpan.FromTicks(longest).TotalMilliseconds:0} ms; {unanswered} requests unanswered";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        long sent = Stopwatch.GetTimestamp();
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException)
        {
            Interlocked.Increment(ref unanswered);
            throw;
        }
        Interlocked.Increment(ref answered);
        Measure(Stopwatch.GetElapsedTime(sent));
        if (response.StatusCode < System.Net.HttpStatusCode.InternalServerError) return response;
        var answer = new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken), response.Headers, response.Content.Headers);
        string path = request.RequestUri!.AbsolutePath;
        if (answer.Status != 503 || answer.Headers.RetryAfter?.Delta is not { TotalSeconds: > 0 } || !HasShape(path, answer)) Broken.Enqueue($"{request.Method} {path}: {answer.Status} {answer.Headers.RetryAfter} {answer.Body}");
        Interlocked.Increment(ref unavailable);
        throw new UnavailableException(path);
    }

    private void Measure(TimeSpan took)
    {
        if (took > Slow) Interlocked.Increment(ref slow);
        for (long seen = Interlocked.Read(ref longest); took.Ticks > seen; seen = Interlocked.Read(ref longest))
            if (Interlocked.CompareExchange(ref longest, took.Ticks, seen) == seen) return;
    }

    private static bool HasShape(string path, Answer answer) => path.Split('/')[1..] switch
    {
        ["connect", ..] => answer["error"] == "temporarily_unavailable",
        ["api", "v2", ..] => answer.Json.GetProperty("error").Text("code") == "unavailable",
        ["register" or "checkin" or "revoke"] => answer["error"] == "unavailable",
        ["admin", ..] => answer.ContentHeaders.ContentType?.MediaType == "application/problem+json" && answer["status"] == "503",
        ["api", "login" or "verify-2fa" or "logout" or "tunnels", ..] => answer["success"] == "False" && answer["error"] is not null && answer.Headers.Contains("X-RateLimit-Limit") && answer.Headers.Contains("X-RateLimit-Remaining") && answer.Headers.Contains("X-RateLimit-Reset"),
        ["auth", ..] or ["v1", ..] => answer["success"] == "False" && answer["error"] is not null,
        ["slowdns"] => answer.ContentHeaders.ContentType?.MediaType == "text/html",
        _ => answer.Json.Names().SequenceEqual(["error"]),
    };
}

/// <summary>The server said 503, in the shape that is due.</summary>
internal sealed class UnavailableException(string path) : Exception($"{path} is unavailable");

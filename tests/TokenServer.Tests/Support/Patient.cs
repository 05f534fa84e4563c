using System.Diagnostics;
using System.Net;

namespace TokenServer.Tests.Support;

/// <summary>
/// A client that does as 503 with <c>Retry-After</c> says, only sooner: on a machine that stood still for a second a replica answers so
/// until it has looked at the database again (docs/decisions/0017). Not for tests about that answer.
/// </summary>
internal sealed class Patient(HttpMessageHandler way) : DelegatingHandler(way)
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(50);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (long start = Stopwatch.GetTimestamp(); ;)
        {
            var response = await base.SendAsync(request, cancellationToken);
            bool isLater = response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null;
            if (!isLater || Stopwatch.GetElapsedTime(start) > Most) return response;
            response.Dispose();
            await Task.Delay(Pause, cancellationToken);
        }
    }
}

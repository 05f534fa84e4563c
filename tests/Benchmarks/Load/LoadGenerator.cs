using System.Diagnostics;

namespace Benchmarks.Load;

/// <summary>
/// Keeps so many connections busy, each with a thread that sends, waits, and sends again. Blocking calls cost the client less than anything
/// asynchronous, and what it costs is taken from the servers, which share the machine with it.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>Runs for <paramref name="length"/>, or until <paramref name="requests"/> has no more.</summary>
    /// <exception cref="InvalidOperationException">A request was answered wrongly.</exception>
    public static Answers Run(Uri server, int connections, TimeSpan length, IRequestSource requests)
    {
        var lines = Enumerable.Range(0, connections).Select(i => new Line(i, new Connection(server), requests)).ToArray();
        long start = Stopwatch.GetTimestamp(), end = start + (long)(length.TotalSeconds * Stopwatch.Frequency);
        foreach (var line in lines) line.Start(end);
        foreach (var line in lines) line.Join();
        return new Answers(Stopwatch.GetElapsedTime(start), [.. lines.SelectMany(l => l.Latencies).Order()]);
    }

    private sealed class Line(int number, Connection connection, IRequestSource requests)
    {
        private const int StackSize = 256 * 1024;
        private Thread? thread;
        private Exception? failure;

        public List<long> Latencies { get; } = new(4096);

        public void Start(long end)
        {
            thread = new Thread(() => Run(end), StackSize) { IsBackground = true };
            thread.Start();
        }

        public void Join()
        {
            thread!.Join();
            connection.Dispose();
            if (failure is not null) throw new InvalidOperationException($"connection {number}: {failure.Message}", failure);
        }

        private void Run(long end)
        {
            try
            {
                long before = Stopwatch.GetTimestamp();
                while (before < end && requests.Next(number) is { } request)
                {
                    var body = connection.Exchange(request);
                    long after = Stopwatch.GetTimestamp();
                    requests.Take(number, body);
                    Latencies.Add(after - before);
                    before = after;
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }
    }
}

/// <summary>What a run of the load generator saw.</summary>
/// <param name="Elapsed">From the first request to the last answer.</param>
/// <param name="Latencies">Of each request, in ticks of <see cref="Stopwatch"/>, the shortest first.</param>
internal sealed record Answers(TimeSpan Elapsed, long[] Latencies)
{
    public double PerSecond => Latencies.Length / Elapsed.TotalSeconds;

    /// <summary>The latency in milliseconds that <paramref name="share"/> of the requests did not exceed.</summary>
    public double Percentile(double share) => Latencies[(int)Math.Ceiling(share * Latencies.Length) - 1] * 1000.0 / Stopwatch.Frequency;
}

using System.Buffers;
using Microsoft.Extensions.Hosting;

namespace InstallLifecycle.Watching;

/// <summary>The stream of a session's steps (server-sent events, HTML Living Standard section 9.2): each with its number as <c>id</c>,
/// a comment where nothing happens. It ends when the browser goes, when the server stops, and after an hour; browsers come again.</summary>
internal sealed class EventStream(Steps steps, IHostApplicationLifetime lifetime)
{
    // Half of what proxies wait for a byte, as a rule (nginx: a minute).
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15), Longest = TimeSpan.FromHours(1);
    private static readonly byte[] Beginning = "retry: 2000\n\n"u8.ToArray(), Nothing = ":\n\n"u8.ToArray();

    /// <summary>Tells of the steps after <paramref name="since"/>, and of those to come.</summary>
    public async Task WriteAsync(HttpContext context, Place watcher, long since)
    {
        OpenAnswer.Begin(context);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        end.CancelAfter(Longest);
        try
        {
            await context.Response.Body.WriteAsync(Beginning, end.Token);
            while (true)
            {
                since = await WriteNewAsync(context.Response, watcher.Owner, since, end.Token);
                await context.Response.Body.FlushAsync(end.Token);
                while (!await watcher.WaitAsync(KeepAlive, end.Token))
                {
                    await context.Response.Body.WriteAsync(Nothing, end.Token);
                    await context.Response.Body.FlushAsync(end.Token);
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The end, by whichever of the three.
        }
    }

    private async Task<long> WriteNewAsync(HttpResponse response, string session, long since, CancellationToken ct)
    {
        IReadOnlyList<StepEvent> some;
        do
        {
            some = [.. steps.After(session, since).Select(StepEvent.Of)];
            foreach (var step in some) await response.Body.WriteAsync(Text(step), ct);
            if (some.Count > 0) since = some[^1].Id;
        }
        while (some.Count == Steps.Batch);
        return since;
    }

    private static ReadOnlyMemory<byte> Text(StepEvent step)
    {
        var text = new ArrayBufferWriter<byte>(256);
        text.Write(Encoding.UTF8.GetBytes($"id: {step.Id}\nevent: {step.Event}\ndata: "));
        // JSON without a line feed: they are escaped within strings.
        text.Write(JsonSerializer.SerializeToUtf8Bytes(step, InstallJson.Wire.StepEvent));
        text.Write("\n\n"u8);
        return text.WrittenMemory;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Telemetry;

/// <summary>The spans of a request: where its time went, and nothing of what it carried.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task A_sign_in_shows_where_its_time_went()
    {
        await using var server = await TestServer.StartAsync();
        var spans = await TraceAsync(server, "/connect/token", ("grant_type", "password"), ("username", "jane"), ("password", TestImport.Password), ("scope", "openid"));
        var request = spans.Single(s => s.Source.Name == "Microsoft.AspNetCore");
        request.DisplayName.Should().Be("POST /connect/token");
        request.TagObjects.Should().Contain([new("http.request.method", "POST"), new("http.route", "/connect/token"), new("http.response.status_code", 200)]);
        var own = spans.Where(s => s.Source.Name == "TokenServer").ToList();
        own.Select(s => s.OperationName).Distinct().Should().BeEquivalentTo("read from database", "hash password", "write to database");
        own.Should().OnlyContain(s => s.ParentSpanId == request.SpanId);
        own.Where(s => s.OperationName != "read from database").Should().OnlyContain(s => s.Events.Single().Name == "begun");
    }

    [Fact]
    public async Task No_span_has_anything_that_the_client_sent()
    {
        await using var server = await TestServer.StartAsync();
        var spans = await TraceAsync(server, "/connect/token?password=in-the-address", ("grant_type", "password"), ("username", "jane"), ("password", "a-wrong-password"), ("scope", "openid"));
        string shown = string.Join('\n', spans.SelectMany(s => s.TagObjects.Select(t => $"{t.Key}={t.Value}").Concat(s.Events.Select(e => e.Name)).Append(s.DisplayName).Append(s.StatusDescription)));
        shown.Should().NotContain("in-the-address").And.NotContain("jane").And.NotContain("a-wrong-password").And.NotContain(TestImport.Secret).And.NotContain("web");
    }

    [Fact]
    public async Task An_address_that_is_no_route_names_no_span()
    {
        await using var server = await TestServer.StartAsync();
        var spans = await TraceAsync(server, "/connect/made-up", ("a", "b"));
        var request = spans.Single(s => s.Source.Name == "Microsoft.AspNetCore");
        request.DisplayName.Should().Be("POST");
        request.TagObjects.Should().NotContain(t => t.Value is string && ((string)t.Value).Contains("made-up", StringComparison.Ordinal));
    }

    // The trace's id is the test's own, so that other servers' spans are told apart.
    private static async Task<IReadOnlyList<Activity>> TraceAsync(TestServer server, string path, params (string Name, string Value)[] form)
    {
        var (trace, parent) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "TokenServer" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = activity => { if (activity.TraceId == trace) stopped.Enqueue(activity); },
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.Authorization = OAuth.Basic("web", TestImport.Secret);
        request.Headers.Add("traceparent", $"00-{trace}-{parent}-01");
        await server.SendAsync(request);
        // The request's own span ends after its answer has left.
        (await Eventually.TrueAsync(() => Task.FromResult(stopped.Any(s => s.Source.Name == "Microsoft.AspNetCore")), Eventually.Never)).Should().BeTrue();
        return [.. stopped];
    }
}

using TokenServer.Tests.Support;

namespace TokenServer.Tests.Telemetry;

/// <summary>The program itself, exporting by OTLP as the standard variables say.</summary>
public sealed class OtlpTests
{
    private static readonly string[] Metrics = ["tokenserver.token.request.duration", "tokenserver.commit.duration", "tokenserver.change_feed.lag", "http.server.request.duration", "kestrel.active_connections", "dotnet.gc.collections"];
    private static readonly string[] Spans = ["POST /connect/token", "hash password", "write to database"];

    [Fact]
    public async Task Metrics_and_traces_arrive_at_the_endpoint_that_is_set()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAsync(folder.Path, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=a-test"));
        (await SignInAsync(server)).Status.Should().Be(200);
        string traces = await ArriveAsync(collector, "/v1/traces", Spans), metrics = await ArriveAsync(collector, "/v1/metrics", Metrics);
        foreach (string sent in (string[])[traces, metrics])
        {
            sent.Should().Contain("token-server").And.Contain("service.version").And.Contain("service.instance.id").And.Contain("a-test");
            sent.Should().NotContain(TestImport.Password).And.NotContain(TestImport.Secret).And.NotContain("jane");
        }
    }

    [Fact]
    public async Task What_is_left_is_sent_before_the_server_ends_under_the_name_that_is_set()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAsync(folder.Path, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"), ("OTEL_BSP_SCHEDULE_DELAY", "3600000"), ("OTEL_SERVICE_NAME", "another-name"));
        await SignInAsync(server);
        await server.TerminateAsync();
        (await server.WaitAsync()).Should().Be(0);
        collector.Of("/v1/metrics").Should().Contain("tokenserver.token.request.duration").And.Contain("another-name").And.NotContain("token-server");
        collector.Of("/v1/traces").Should().Contain("POST /connect/token");
    }

    private static Task<Answer> SignInAsync(ServerProcess server) =>
        server.PostAsync("/connect/token", "web", TestImport.Secret, ("grant_type", "password"), ("username", "jane"), ("password", TestImport.Password), ("scope", "openid"));

    private static async Task<string> ArriveAsync(Collector collector, string path, string[] names)
    {
        (await Eventually.TrueAsync(() => Task.FromResult(names.All(n => collector.Of(path).Contains(n, StringComparison.Ordinal))), Eventually.Never))
            .Should().BeTrue("{0} should have {1}", path, string.Join(", ", names.Where(n => !collector.Of(path).Contains(n, StringComparison.Ordinal))));
        return collector.Of(path);
    }
}

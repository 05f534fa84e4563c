using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenServer.Foundation;
using TokenServer.Hosting;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>A stop ends, whatever a part of the server does when it is told to.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan Patience = Eventually.Never;

    [Theory]
    [InlineData(Act.Throws, "Something failed while the server stopped")]
    [InlineData(Act.ThrowsWhenCancelled, "Something failed while the server stopped")]
    [InlineData(Act.NeverEnds, "was cut off")]
    [InlineData(Act.BlocksItsThread, "was cut off")]
    [InlineData(Act.FailsToBeDisposed, "Something failed while the server stopped")]
    [InlineData(Act.NeverIsDisposed, "was cut off")]
    public async Task What_fails_or_hangs_is_a_line_in_the_log(Act act, string said)
    {
        var log = new CapturedLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(new TokenServerOptions { ShutdownTimeout = TimeSpan.FromSeconds(1) });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(500));
        using var unruly = new Unruly(act);
        builder.Services.AddSingleton<IHostedService>(_ => unruly.Service);
        var app = builder.Build();
        await app.StartAsync();
        var stop = Stop.WhenToldAsync(app);
        stop.IsCompleted.Should().BeFalse();
        app.Lifetime.StopApplication();
        await stop.WaitAsync(Patience);
        log.Lines.Should().Contain(l => l.Contains("TokenServer.Hosting.Stop", StringComparison.Ordinal) && l.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_hosted_service_ends_when_its_stop_is_cancelled()
    {
        // A collector that is connected to and says nothing.
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var server = await TestServer.StartAsync([$"--OTEL_EXPORTER_OTLP_ENDPOINT=http://{silent.LocalEndpoint}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"], schedules: true);
        await server.SignInAsync();
        foreach (var service in server.Get<IEnumerable<IHostedService>>().Reverse())
        {
            await FluentActions.Awaiting(() => service.StopAsync(new CancellationToken(canceled: true)).WaitAsync(Patience)).Should().NotThrowAsync("{0} was told", service.GetType());
            if (service is not IHostedLifecycleService cycle) continue;
            await FluentActions.Awaiting(() => cycle.StoppingAsync(new CancellationToken(canceled: true)).WaitAsync(Patience)).Should().NotThrowAsync();
            await FluentActions.Awaiting(() => cycle.StoppedAsync(new CancellationToken(canceled: true)).WaitAsync(Patience)).Should().NotThrowAsync();
        }
    }

    public enum Act { Throws, ThrowsWhenCancelled, NeverEnds, BlocksItsThread, FailsToBeDisposed, NeverIsDisposed }

    private sealed class Unruly(Act act) : IDisposable
    {
        private readonly ManualResetEventSlim over = new();

        public IHostedService Service => new Hosted(act, over);

        public void Dispose() => over.Set();

        private sealed class Hosted(Act act, ManualResetEventSlim over) : IHostedService, IDisposable
        {
            public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

            public Task StopAsync(CancellationToken cancellationToken)
            {
                switch (act)
                {
                    case Act.Throws: throw new InvalidOperationException("it does not want to");
                    case Act.ThrowsWhenCancelled: return Task.Delay(Timeout.Infinite, cancellationToken);
                    case Act.NeverEnds: return Task.Run(() => over.Wait(), CancellationToken.None);
                    case Act.BlocksItsThread: over.Wait(CancellationToken.None); break;
                }
                return Task.CompletedTask;
            }

            public void Dispose()
            {
                if (act == Act.FailsToBeDisposed) throw new InvalidOperationException("it does not want to");
                if (act == Act.NeverIsDisposed) over.Wait();
            }
        }
    }
}

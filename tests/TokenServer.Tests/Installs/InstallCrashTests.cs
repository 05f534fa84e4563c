using System.Collections.Concurrent;
using System.Security.Cryptography;
using TokenServer.Tests.Robustness;
using TokenServer.Tests.Support;
using Xunit.Abstractions;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>The program is killed: every step that was answered holds, every other can be sent again and leads on (docs/decisions/0004).</summary>
public sealed class InstallCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Installers = 12;
    private static readonly int Crashes = Scale.Of(6, otherwise: 2);
    private readonly string folder = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Between_any_two_steps_a_kill_loses_nothing()
    {
        // A start on a busy machine takes its time; the tokens must outlive six of them.
        string[] settings = ["--InstallLifecycle:CodeLifetime=01:00:00", "--InstallLifecycle:PrecheckLifetime=01:00:00", "--InstallLifecycle:InstallTokenLifetime=01:00:00"];
        Installation? install = null;
        foreach (string step in (string[])[.. Steps, CheckIn])
        {
            await using var server = await CrashableServer.StartAsync(folder, settings);
            using var http = Connect(server);
            install ??= new Installation(http);
            install.Http = http;
            (await install.DoAsync(step)).Status.Should().Be(step is Issue or Register ? 201 : 200, step);
            await server.KillAsync();
        }
        await using var last = await CrashableServer.StartAsync(folder, settings);
        using var again = Connect(last);
        install!.Http = again;
        await HoldsConfirmedAsync(install);
    }

    [Fact]
    public async Task The_limits_on_codes_and_activations_outlive_a_kill()
    {
        await using (var server = await CrashableServer.StartAsync(folder))
        {
            using var http = Connect(server);
            for (int i = 0; i < 3; i++) (await new Installation(http).DoAsync(Issue)).Status.Should().Be(201);
            for (int i = 0; i < 5; i++) (await GuessAsync(http)).ShouldRefuse(404, "install_code_invalid");
            await server.KillAsync();
        }
        await using var next = await CrashableServer.StartAsync(folder);
        using var then = Connect(next);
        (await new Installation(then).DoAsync(Issue)).ShouldRefuse(429, "rate_limit_exceeded");
        (await GuessAsync(then)).ShouldRefuse(429, "rate_limit_exceeded");
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_kills_in_storms_of_installs()
    {
        string[] settings = [.. InstallRequests.NoInstallLimits, "--InstallLifecycle:CodeLifetime=01:00:00", "--InstallLifecycle:PrecheckLifetime=01:00:00", "--InstallLifecycle:InstallTokenLifetime=01:00:00"];
        var server = await CrashableServer.StartAsync(folder, settings);
        var http = Connect(server);
        try
        {
            var installers = Enumerable.Range(0, Installers).Select(_ => new Installer(new Installation(http))).ToList();
            int steps = 0, repeated = 0, confirmed = 0;
            for (int crash = 0; crash < Crashes; crash++)
            {
                var storm = new Storm(server, RandomNumberGenerator.GetInt32(50, 500));
                await storm.RageAsync(installers.Select(i => (Func<Storm, Task>)(s => i.StepAsync(s, () => new Installation(http)))));
                await server.DisposeAsync();
                http.Dispose();

                server = await CrashableServer.StartAsync(folder, settings);
                http = Connect(server);
                foreach (var installer in installers)
                {
                    (confirmed, steps) = (confirmed + installer.Confirmed.Count, steps + installer.Acknowledged);
                    repeated += await installer.HoldsAsync(http) ? 1 : 0;
                    installer.Begin(new Installation(http));
                }
            }
            output.WriteLine($"{Crashes} crashes: {steps} steps and {confirmed} whole installs were acknowledged, all of them were kept; {repeated} steps had been done whose answer never came");
            (confirmed > Crashes).Should().BeTrue("there were storms");
        }
        finally
        {
            http.Dispose();
            await server.DisposeAsync();
        }
    }

    private static HttpClient Connect(CrashableServer server) => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(server.Address) };

    private static Task<Answer> GuessAsync(HttpClient http) => new Installation(http) { Code = "IPT-SD-000000-000000-000000", PrecheckToken = "garbage" }.DoAsync(Activate);

    private static async Task HoldsConfirmedAsync(Installation install)
    {
        (await install.DoAsync(Confirm)).ShouldRefuse(409, "install_token_consumed");
        (await install.DoAsync(Precheck)).ShouldRefuse(409, "install_code_used");
        (await install.DoAsync(CheckIn)).Status.Should().Be(200);
    }

    /// <summary>Installs one server after another.</summary>
    private sealed class Installer(Installation first)
    {
        private Installation install = first;

        // How many steps of the present install were answered.
        private int done;

        /// <summary>The installs of this storm that were confirmed.</summary>
        public ConcurrentQueue<Installation> Confirmed { get; } = new();

        /// <summary>How many steps of this storm were answered.</summary>
        public int Acknowledged { get; private set; }

        public async Task StepAsync(Storm storm, Func<Installation> next)
        {
            var answer = await install.DoAsync(Steps[done]);
            answer.Status.Should().BeInRange(200, 201, answer.Body);
            (done, Acknowledged) = (done + 1, Acknowledged + 1);
            storm.Count();
            if (done < Steps.Length) return;
            Confirmed.Enqueue(install);
            (install, done) = (next(), 0);
        }

        /// <summary>What was confirmed is; what was under way comes to its end. True where the step whose answer never came had been done.</summary>
        public async Task<bool> HoldsAsync(HttpClient http)
        {
            foreach (var whole in Confirmed.Append(install)) whole.Http = http;
            foreach (var whole in Confirmed) await HoldsConfirmedAsync(whole);
            bool wasDone = false;
            for (int step = done; step < Steps.Length; step++)
            {
                var answer = await install.DoAsync(Steps[step]);
                // An installer takes that as done.
                bool isConsumed = step == done && Steps[step] == Confirm && answer.Status == 409;
                if (isConsumed) answer.ShouldRefuse(409, "install_token_consumed");
                else answer.Status.Should().BeInRange(200, 201, answer.Body);
                wasDone |= isConsumed || step == done && Steps[step] == Register && answer.Status == 200;
            }
            await HoldsConfirmedAsync(install);
            return wasDone;
        }

        /// <summary>Starts anew.</summary>
        public void Begin(Installation next)
        {
            (install, done, Acknowledged) = (next, 0, 0);
            Confirmed.Clear();
        }
    }
}

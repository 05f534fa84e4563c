using System.Security.Cryptography;
using System.Text.Json;
using TokenServer.Tests.Robustness;
using TokenServer.Tests.Support;
using Xunit.Abstractions;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>Check-ins with a ratchet, whose answers are lost and whose server and agents are killed between any two steps: no false alarm (contract section 5b).</summary>
public sealed class RatchetCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Agents = 16, CheckIns = 10_000;
    private static readonly int Kills = Scale.Of(12, otherwise: 2);
    private readonly string folder = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Ten_thousand_checkins_with_lost_answers_and_kills_raise_no_alarm()
    {
        var server = await CrashableServer.StartAsync(folder, InstallRequests.NoInstallLimits);
        try
        {
            using var first = Connect(server);
            var agents = new List<Agent>();
            for (int i = 0; i < Agents; i++) agents.Add(new Agent(await new Installation(first) { HasRatchet = true }.UpToAsync(Confirm), sendsNonce: i % 4 != 0));
            for (int kill = 0; kill <= Kills; kill++)
            {
                using var http = Connect(server);
                var storm = new Storm(server, CheckIns / (Kills + 1) + 1);
                await storm.RageAsync(agents.Select(a => (Func<Storm, Task>)(s => a.StepAsync(http, s))));
                await server.DisposeAsync();
                server = await CrashableServer.StartAsync(folder, InstallRequests.NoInstallLimits);
            }
            int answered = agents.Sum(a => a.Answered), lost = agents.Sum(a => a.Lost);
            output.WriteLine($"{answered} check-ins were answered, {lost} of their answers lost, {Kills + 1} kills of the server");
            answered.Should().BeGreaterThanOrEqualTo(CheckIns);
            lost.Should().BeGreaterThan(CheckIns / 5);
            using var last = Connect(server);
            foreach (var agent in agents)
            {
                (await agent.CheckInAsync(last)).Status.Should().Be(200);
                // And a copy of it is found out all the same.
                var (copy, older) = (agent.Copy(), agent.Copy());
                for (int i = 0; i < 2; i++) (await agent.CheckInAsync(last)).Status.Should().Be(200);
                (await older.CheckInAsync(last)).ShouldRefuseFlat(409, "clone_suspected");
                (await copy.CheckInAsync(last)).ShouldRefuseFlat(409, "clone_suspected");
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static HttpClient Connect(CrashableServer server) => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(server.Address), Timeout = Eventually.Never };

    /// <summary>What an agent keeps on disk, each change of it whole or not at all.</summary>
    private sealed class Agent(Installation install, bool sendsNonce)
    {
        private string key = install.CheckinKey;
        private string? nonce;

        public int Answered { get; private set; }
        public int Lost { get; private set; }

        public Agent Copy() => new(install, sendsNonce) { key = key, nonce = nonce };

        /// <summary>Checks in, unless it is killed on the way: before it has made up anything, before it has sent that, or before it has kept the answer.</summary>
        public async Task StepAsync(HttpClient http, Storm storm)
        {
            int killedAt = RandomNumberGenerator.GetInt32(10);
            if (killedAt == 0) return;
            Prepare();
            if (killedAt == 1) return;
            var answer = await SendAsync(http);
            answer.Status.Should().Be(200, answer.Body);
            Answered++;
            storm.Count();
            // A third of all answers never arrives, or not before the agent is gone.
            if (killedAt <= 4) Lost++;
            else Keep(answer);
        }

        public async Task<Answer> CheckInAsync(HttpClient http)
        {
            Prepare();
            var answer = await SendAsync(http);
            if (answer.Status == 200) Keep(answer);
            return answer;
        }

        private void Prepare() => nonce ??= sendsNonce ? RandomNumberGenerator.GetHexString(32, lowercase: true) : null;

        private Task<Answer> SendAsync(HttpClient http) => http.CallAsync("POST", "/checkin", install.ServerToken, JsonSerializer.Serialize(new { checkin_key = key, checkin_nonce = nonce }));

        private void Keep(Answer answer) => (key, nonce) = (answer.Json.Text("checkin_key"), null);
    }
}

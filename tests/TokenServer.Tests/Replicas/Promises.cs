using System.Collections.Concurrent;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>A load that remembers what it was promised: the last refresh token of each session, every revocation, every step of an install.</summary>
/// <param name="connect">Gives a client that calls from an address; from this machine where null.</param>
internal sealed class Promises(Func<string?, HttpClient> connect)
{
    private const int Refreshing = 8, Revoking = 4, Ending = 1, Installing = 4;
    private readonly List<Refresher> refreshers = [];
    private readonly List<Installer> installers = [];
    private readonly ConcurrentQueue<string> dead = new();
    private readonly List<string> held = [];
    private int refreshed;

    /// <summary>How many operations were acknowledged.</summary>
    public int Acknowledged => refreshed + dead.Count + held.Count + installers.Sum(i => i.Steps);

    public IEnumerable<(string Name, Func<Task> Run)> Flows =>
    [
        .. refreshers.Select(r => ("refresh", (Func<Task>)r.RunAsync)), .. installers.Select(i => ("install step", (Func<Task>)i.StepAsync)),
        .. Enumerable.Repeat(("revoke", (Func<Task>)RevokeAsync), Revoking), .. Enumerable.Repeat(("sign in and out", (Func<Task>)SignInAndOutAsync), Ending),
    ];

    public async Task PrepareAsync()
    {
        for (int i = 0; i < Refreshing; i++) refreshers.Add(new Refresher(this, (await Connect().SignInAsync()).Should200()));
        for (int i = 0; i < Installing; i++) installers.Add(new Installer(() => new Installation(connect(null), ("X-Forwarded-For", Caller.NewAddress()))));
    }

    /// <summary>Fails unless all that was acknowledged since it was asked last is so at every one of <paramref name="replicas"/>, the last revocations within a second.</summary>
    public async Task HoldAsync(HttpClient[] replicas)
    {
        await HoldDeadAsync(replicas, dead);
        held.AddRange(dead);
        dead.Clear();
        foreach (var refresher in refreshers) await refresher.HoldAsync(replicas);
        for (int i = 0; i < installers.Count; i++) await installers[i].HoldAsync(replicas[i % replicas.Length]);
    }

    /// <summary>Fails unless every revocation there ever was holds.</summary>
    public Task HoldDeadAsync(HttpClient[] replicas) => HoldDeadAsync(replicas, held);

    public override string ToString() =>
        $"acknowledged and kept: {refreshed} refreshes, {held.Count} revocations, {installers.Sum(i => i.Steps)} install steps, {installers.Sum(i => i.Whole)} whole installs; lost: 0";

    private static async Task HoldDeadAsync(HttpClient[] replicas, IEnumerable<string> tokens)
    {
        foreach (var replica in replicas)
            await Parallel.ForEachAsync(tokens, async (token, _) => await Honoured.UntilRefusedAsync(() => replica.IsActiveAsync(token)));
    }

    private HttpClient Connect() => connect(Caller.NewAddress());

    private async Task RevokeAsync()
    {
        var http = Connect();
        string token = (await http.TokenAsync("worker", ("grant_type", "client_credentials"))).Should200()["access_token"]!;
        (await http.RevokeAsync("worker", token)).Should200();
        dead.Enqueue(token);
    }

    private async Task SignInAndOutAsync()
    {
        var http = Connect();
        var session = (await http.SignInAsync()).Should200();
        (await http.RevokeAsync("web", session["refresh_token"]!)).Should200();
        dead.Enqueue(session["access_token"]!);
    }

    // A session whose refresh token was acknowledged last is the only one its client knows.
    private sealed class Refresher(Promises all, Answer session)
    {
        private Answer known = session;

        public async Task RunAsync()
        {
            known = (await all.Connect().RefreshAsync(known["refresh_token"]!)).Should200();
            Interlocked.Increment(ref all.refreshed);
        }

        // If it had been used already and the answer was lost, it gives the one successor again, wherever it is used.
        public async Task HoldAsync(HttpClient[] replicas)
        {
            var answers = await Task.WhenAll(replicas.Select(r => r.RefreshAsync(known["refresh_token"]!)));
            foreach (var answer in answers) answer.Should200()["refresh_token"].Should().Be(answers[0]["refresh_token"], "a refresh token has one successor");
            foreach (var replica in replicas) (await replica.IsActiveAsync(known["access_token"]!)).Should().BeTrue();
            known = answers[0];
        }
    }

    private sealed class Installer(Func<Installation> begin)
    {
        private readonly Queue<Installation> confirmed = new();
        private Installation install = begin();

        // How many steps of the present install were answered, and whether an answer of the next may have been lost.
        private int done;
        private bool mayBeDone;

        public int Steps { get; private set; }
        public int Whole { get; private set; }

        public async Task StepAsync()
        {
            bool isRepeated = mayBeDone;
            mayBeDone = true;
            Check(await install.DoAsync(Installation.Steps[done]), isRepeated);
            mayBeDone = false;
            Steps++;
            if (++done < Installation.Steps.Length) return;
            confirmed.Enqueue(install);
            (install, done, Whole) = (begin(), 0, Whole + 1);
        }

        public async Task HoldAsync(HttpClient replica)
        {
            // What is under way comes to its end.
            (int before, install.Http) = (Whole, replica);
            while (Whole == before) await StepAsync();
            while (confirmed.TryDequeue(out var whole))
            {
                whole.Http = replica;
                (await whole.DoAsync(Installation.Confirm)).ShouldRefuse(409, "install_token_consumed");
                (await whole.DoAsync(Installation.CheckIn)).Should200();
            }
        }

        private void Check(Answer answer, bool isRepeated)
        {
            if (isRepeated && Installation.Steps[done] == Installation.Confirm && answer.Status == 409) answer.ShouldRefuse(409, "install_token_consumed");
            else if (answer.Status is not (200 or 201)) answer.ShouldSay(200);
        }
    }

}

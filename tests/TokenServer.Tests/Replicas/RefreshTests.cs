using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>A refresh token that is used at several replicas (contract section 1).</summary>
[Collection(ReplicaCollection.Name)]
public sealed class RefreshTests(SharedReplicas shared)
{
    private const int AtOnce = 64;

    [PostgresFact]
    public async Task One_refresh_token_used_at_once_through_all_replicas_gets_one_successor()
    {
        var replicas = shared.Set.Connect(Caller.NewAddress());
        var session = (await replicas[0].SignInAsync()).Should200();
        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => replicas[i % ReplicaProcesses.Count].RefreshAsync(session["refresh_token"]!)));
        answers.Should().OnlyContain(a => a.Status == 200);
        string successor = answers.Select(a => a["refresh_token"]!).Distinct().Should().ContainSingle().Subject;
        foreach (var answer in answers) (await replicas[1].IsActiveAsync(answer["access_token"]!)).Should().BeTrue();
        (await replicas[2].RefreshAsync(successor)).Should200();
    }

    [PostgresFact]
    public async Task A_refresh_token_used_again_after_the_leeway_ends_the_session_at_every_replica()
    {
        await using var hasty = await shared.Set.JoinAsync(("TokenServer:Lifetimes:RefreshTokenReuseLeeway", "00:00:01"));
        var replicas = shared.Set.Connect(Caller.NewAddress());
        var session = (await replicas[0].SignInAsync()).Should200();
        var next = (await replicas[1].RefreshAsync(session["refresh_token"]!)).Should200();
        Answer again = next;
        // While the leeway lasts the answer is the same successor.
        (await Eventually.TrueAsync(async () =>
        {
            again = await hasty.Http.RefreshAsync(session["refresh_token"]!);
            return again.Status != 200 || again["refresh_token"] != next["refresh_token"];
        }, Eventually.Never)).Should().BeTrue();
        (again.ShouldSay(400)["error"]).Should().Be("invalid_grant");
        foreach (var replica in replicas)
        {
            foreach (string token in (string[])[session["access_token"]!, next["access_token"]!]) await Honoured.UntilRefusedAsync(() => replica.IsActiveAsync(token));
            (await replica.RefreshAsync(next["refresh_token"]!)).ShouldSay(400)["error"].Should().Be("invalid_grant");
        }
    }
}

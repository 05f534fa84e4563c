using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>Logout tokens are sent once, whichever replica sends them (docs/decisions/0032).</summary>
public sealed class LogoutTests
{
    [PostgresFact]
    public async Task Of_all_replicas_one_tells_the_client()
    {
        await using var receiver = await LogoutReceiver.StartAsync();
        await using var replicas = await ReplicaSet.StartAsync(3);
        foreach (var replica in replicas.All) await replica.Http.GetStringAsync("/.well-known/openid-configuration");
        (await replicas[0].Get<ClientRegistry>().UpdateAsync("web", _ => true, r =>
        {
            r.BackChannelLogoutUri = receiver.Address;
            return r;
        }, "command line")).Refused.Should().BeNull();
        long[] sessions = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => replicas[0].BeginAsync("web", null)));
        (await Eventually.TrueAsync(() => Task.FromResult(replicas.All.All(r =>
            r.Get<ClientRegistry>().Find("web")!.BackChannelLogoutUri is not null)), TimeSpan.FromSeconds(30))).Should().BeTrue();
        await Task.WhenAll(sessions.Select((session, i) => replicas[i % 3].Get<UserSessions>()
            .EndAsync(session, new("session.ended", replicas.Clock.GetUtcNow().UtcDateTime))));
        await receiver.HasAsync(30);
        (await Eventually.TrueAsync(() => Task.FromResult(receiver.Calls.Count > 30), TimeSpan.FromSeconds(1))).Should().BeFalse();
        receiver.Claims.Select(c => c.Text("sid")).Should().BeEquivalentTo(sessions.Select(TimeOrderedId.ToText));
    }
}

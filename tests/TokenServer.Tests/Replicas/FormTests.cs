using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Replicas;

/// <summary>A form acts once whichever replica its posts come to, and what it made is shown once by any of them (docs/decisions/0041).</summary>
public sealed class FormTests
{
    [PostgresFact]
    public async Task Two_posts_at_once_to_two_replicas_make_one_key_which_a_third_request_shows()
    {
        await using var replicas = await ReplicaSet.StartAsync(2, FaceRequests.NoLimits);
        using var first = await Browser.OfAsync(replicas[0]);
        await first.GetAsync("/account/keys");
        using var second = first.At(replicas[1].Address);
        (string, string)[] form = [("name", "ci"), first.Mark];
        var answers = await Task.WhenAll(first.PostAsync("/account/keys", form), second.PostAsync("/account/keys", form));
        string address = answers.Select(a => a.Headers.Location?.OriginalString).Distinct().Should().ContainSingle().Which!;
        replicas[0].AuditedEvents().Count(e => e == "api_key.added").Should().Be(1);
        string key = (await second.GetAsync(address)).Secret("key")!;
        (await first.GetAsync(address)).Secret("key").Should().BeNull();
        (await replicas[0].GetAsync("/auth/me", key)).Status.Should().Be(200);
    }
}

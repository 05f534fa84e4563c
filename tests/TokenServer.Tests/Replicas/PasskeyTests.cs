using TokenServer.Tests.Support;
using TokenServer.Tests.Web;
using TokenServer.Tests.Web.Passkeys;

namespace TokenServer.Tests.Replicas;

/// <summary>Passkeys at several replicas: asked for by one, answered at another, once at all together.</summary>
public sealed class PasskeyTests
{
    [PostgresFact]
    public async Task What_one_asked_another_takes_and_all_together_once()
    {
        await using var replicas = await ReplicaSet.StartAsync(3, PasskeyVisits.Named);
        using var passkey = await replicas[0].PasskeyAsync(count: 1);
        using var first = new Browser(replicas[0]);
        var form = (await first.GetAsync("/account/sign-in")).Form(passkey);
        using Browser second = first.At(replicas[1].Address), third = first.At(replicas[2].Address);
        var answers = await Task.WhenAll(new[] { first, second, third }.Select(b => b.PostAsync("/account/sign-in/passkey", form)));
        answers.Select(a => a.Status).Order().Should().Equal(303, 401, 401);
        replicas[0].SessionsOf("bob").Should().ContainSingle();
    }
}

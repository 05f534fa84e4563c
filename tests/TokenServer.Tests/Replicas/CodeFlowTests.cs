using TokenServer.Clients;
using TokenServer.Import;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Replicas;

/// <summary>The code flow over several replicas: each step may be at another one (contract section 9).</summary>
public sealed class CodeFlowTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [PostgresFact]
    public async Task Every_step_may_be_at_another_replica_and_a_second_use_counts_on_all()
    {
        await using var replicas = await ReplicaSet.StartAsync(3);
        await replicas[0].Get<Importer>().ApplyAsync(ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes(CodeClient.Import)), "test");
        foreach (var replica in replicas.All)
            (await Eventually.TrueAsync(() => Task.FromResult(replica.Get<ClientRegistry>().Find("shop") is not null), Second)).Should().BeTrue();
        using var asking = new Browser(replicas[0]);
        string onward = Uri.UnescapeDataString((await asking.GetAsync(CodeClient.Address("shop", ("scope", "api")))).Headers.Location!.OriginalString.Split("?return=")[1]);
        using var signingIn = new Browser(replicas[1]);
        (await signingIn.SignInAsync()).Status.Should().Be(303);
        using var returning = new Browser(replicas[2]);
        returning.SetCookie("tokenserver_session", signingIn.Cookie("tokenserver_session")!);
        (await returning.GetAsync(onward)).ShouldBeRefusedHere();
        returning.SetCookie("tokenserver_browser", asking.CookieAt("tokenserver_browser", "/connect/authorize")!);
        string code = (await returning.GetAsync(onward)).Back()["code"];
        var tokens = await replicas[0].ExchangeAsync(code);
        tokens.Status.Should().Be(200, tokens.Body);
        (await replicas[2].IsActiveAsync(tokens["access_token"]!)).Should().BeTrue();
        (await replicas[1].ExchangeAsync(code))["error"].Should().Be("invalid_grant");
        (await Eventually.TrueAsync(async () => !await replicas[2].IsActiveAsync(tokens["access_token"]!), Second)).Should().BeTrue();
    }

    [PostgresFact]
    public async Task Of_64_at_once_on_three_replicas_one_wins()
    {
        await using var replicas = await ReplicaSet.StartAsync(3);
        await replicas[0].Get<Importer>().ApplyAsync(ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes(CodeClient.Import)), "test");
        foreach (var replica in replicas.All)
            (await Eventually.TrueAsync(() => Task.FromResult(replica.Get<ClientRegistry>().Find("shop") is not null), Second)).Should().BeTrue();
        using var browser = await Browser.OfAsync(replicas[0]);
        string code = await browser.CodeAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => replicas[i % 3].ExchangeAsync(code)));
        answers.Count(a => a.Status == 200).Should().Be(1);
        answers.Where(a => a.Status != 200).Should().OnlyContain(a => a["error"] == "invalid_grant");
    }
}

using System.Text;
using TokenServer.Import;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;
using TokenServer.Tests.Web.Authorization;

namespace TokenServer.Tests.Replicas;

/// <summary>A sign-in through the browser at several replicas (contract section 9): each step is good at any.</summary>
public sealed class BrowserFlowTests
{
    [PostgresFact]
    public async Task A_sign_in_begun_on_one_has_its_second_factor_on_another_its_consent_on_a_third_and_its_code_at_the_first()
    {
        await using var replicas = await ReplicaSet.StartAsync(3);
        await replicas[0].Get<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes(FlowClient.Import)), "test");
        foreach (var replica in replicas.All)
            (await Eventually.TrueAsync(async () => (await new Browser(replica).GetAsync(new FlowClient("strict").Authorize())).Status == 303,
                TimeSpan.FromSeconds(30))).Should().BeTrue("it has learned of the client");
        var client = new FlowClient();
        using var first = new Browser(replicas[0]);
        var page = await first.GoAsync(client.Authorize());
        page.Body.Should().Contain("asks you to sign in");
        using var second = first.At(replicas[1].Address);
        page = await second.SignInAsync(page, "john");
        page.Body.Should().Contain("<h1>Enter the code</h1>");
        using var third = second.At(replicas[2].Address);
        page = await third.SendAsync(page, "/account/second-factor", ("code", replicas[0].TotpCode()));
        page.Body.Should().Contain("<h1>Allow Photo Printer?</h1>");
        using var last = third.At(replicas[0].Address);
        var reply = client.Reply(await last.SendAsync(page, "/account/consent"))!;
        var tokens = await client.ExchangeAsync(replicas[1], reply["code"]);
        tokens.Status.Should().Be(200, tokens.Body);
        (await client.ExchangeAsync(replicas[2], reply["code"]))["error"].Should().Be("invalid_grant");
        (await Eventually.TrueAsync(async () => !await replicas[0].IsActiveAsync(tokens["access_token"]!), TimeSpan.FromSeconds(10)))
            .Should().BeTrue("a code that is shown twice may have been stolen");
    }
}

/// <summary>The same behind nginx, which sends each request to the next replica.</summary>
[Collection(ReplicaCollection.Name)]
public sealed class BrowserFlowBehindNginxTests(SharedReplicas shared)
{
    private static readonly string[] People = ["bob", "ann", "carl", "emma"];

    [NeedsNginxFact]
    public async Task People_sign_in_through_all_replicas_at_once_as_through_one()
    {
        await using var nginx = await Nginx.StartAsync(shared.Set);
        await Task.WhenAll(People.Select(async user =>
        {
            using var browser = new Browser(nginx.Address, nginx.Way);
            var client = new FlowClient();
            var page = await browser.SignInAsync(await browser.GoAsync(client.Authorize()), user);
            page.Body.Should().Contain("<h1>Allow photos?</h1>");
            var reply = client.Reply(await browser.SendAsync(page, "/account/consent"))!;
            reply["iss"].Should().Be("https://tokens.example");
            using var http = Caller.Create(nginx.Way, nginx.Address, null);
            (await http.TokenAsync("photos", client.Exchange(reply["code"]))).Should200();
        }));
    }
}

using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>That the tests would notice what they watch for.</summary>
[Collection(ChromiumTests.Name)]
public sealed class VisitTests(Chromium chromium)
{
    [NeedsChromiumTheory]
    [InlineData("document.body.insertAdjacentHTML('beforeend', '<p id=made style=\"color: red\">made</p>')", "Content Security Policy")]
    [InlineData("document.body.insertAdjacentHTML('beforeend', '<p id=made>made</p><img src=\"https://elsewhere.example/x.png\">')", "Content Security Policy")]
    [InlineData("document.body.insertAdjacentHTML('beforeend', '<p id=made>made</p>'); console.error('failed')", "failed")]
    [InlineData("document.body.insertAdjacentHTML('beforeend', '<p id=made>made</p>'); setTimeout(() => { throw new Error('thrown'); })", "thrown")]
    public async Task A_visit_complains_of_what_no_page_may_do(string script, string complaint)
    {
        await using var server = await PageServer.StartAsync();
        Func<Task> visiting = async () =>
        {
            await using var visit = await Visit.OpenAsync(chromium, server);
            await visit.Page.EvaluateAsync($"() => {{ {script} }}");
            await Expect(visit.Page.Locator("#made")).ToBeVisibleAsync();
            await visit.PassAsync(TimeSpan.FromSeconds(1));
        };
        (await visiting.Should().ThrowAsync<Exception>()).WithMessage($"*{complaint}*");
    }

    [NeedsChromiumFact]
    public async Task A_visit_complains_of_a_request_to_another_host()
    {
        await using var server = await PageServer.StartAsync();
        Func<Task> visiting = async () =>
        {
            await using var visit = await Visit.OpenAsync(chromium, server);
            await visit.Page.RouteAsync("https://elsewhere.example/**", route => route.FulfillAsync(new() { Body = "elsewhere" }));
            await visit.Page.GotoAsync("https://elsewhere.example/");
        };
        (await visiting.Should().ThrowAsync<Exception>()).WithMessage("*https://elsewhere.example/*");
    }
}

using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Authorize;

/// <summary>Addresses that were registered before they were refused (contract section 9).</summary>
public sealed class StoredAddressTests
{
    [Theory]
    [InlineData("https://ä.example.com/cb")]
    [InlineData("com.example.app://ä/cb")]
    public async Task What_was_stored_with_a_host_that_no_header_takes_matches_nothing(string stored)
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        await own.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "OpenIddictApplications" SET "RedirectUris"=@p0, "PostLogoutRedirectUris"=@p0""", JsonSerializer.Serialize(new[] { stored, CodeClient.Callback })));
        own.Get<ClientRegistry>().Reload();
        own.Get<ClientRegistry>().Find("shop")!.RedirectUris.Should().Contain(stored);
        (await browser.GetAsync(CodeClient.Address("shop", ("redirect_uri", stored)))).ShouldBeRefusedHere();
        (await own.PostAsync("/connect/par", "shop", CodeClient.Parameters("shop", ("redirect_uri", stored))))["error"].Should().Be("invalid_request");
        (await browser.GetAsync($"/connect/endsession?client_id=shop&post_logout_redirect_uri={Uri.EscapeDataString(stored)}")).Status.Should().Be(400);
        (await browser.AuthorizeAsync()).Should().ContainKey("code");
    }
}

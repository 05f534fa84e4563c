using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>A server that is killed between the steps of a sign-in: what it has acknowledged is there when it is back.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Nothing_of_a_sign_in_or_of_a_devices_is_lost_by_kills_between_its_steps()
    {
        using var folder = new TemporaryFolder();
        string import = folder.Write("import.json", FlowClient.Import), data = Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName;
        var client = new FlowClient();
        var server = await CrashableServer.StartAsync(data, $"--TokenServer:ImportFile={import}");
        var browser = new Browser(server.Address);
        try
        {
            var page = await browser.GoAsync(client.Authorize());
            page.Body.Should().Contain("asks you to sign in");
            await KillAsync();
            page = await browser.SignInAsync(page, "john");
            page.Body.Should().Contain("<h1>Enter the code</h1>");
            await KillAsync();
            var answer = await browser.PostAsync("/account/second-factor", ("code", Authenticator.Code(TestImport.TotpSecret, TimeProvider.System.GetUtcNow())));
            await KillAsync();
            page = await browser.FollowAsync(answer);
            page.Body.Should().Contain("<h1>Allow Photo Printer?</h1>");
            answer = await browser.PostAsync("/account/consent", ("return", ReturnOf(answer)));
            await KillAsync();
            var reply = client.Reply(await browser.FollowAsync(answer))!;
            await KillAsync();
            var tokens = await server.PostAsync("/connect/token", "photos", client.Exchange(reply["code"]));
            tokens.Status.Should().Be(200, tokens.Body);
            await KillAsync();
            (await server.PostAsync("/connect/introspect", "api", ("token", tokens["access_token"]!))).Json.GetProperty("active").GetBoolean().Should().BeTrue();
            client.Reply(await browser.GoAsync(client.Authorize())).Should().ContainKey("code", "signed in and allowed is what was said");

            var device = await server.PostAsync("/connect/device", "tv", ("scope", "openid api"));
            device.Status.Should().Be(200, device.Body);
            await KillAsync();
            (await browser.DecideAsync(device["user_code"]!)).Status.Should().Be(303);
            await KillAsync();
            tokens = await server.PostAsync("/connect/token", "tv", ("grant_type", DeviceRequests.DeviceGrant), ("device_code", device["device_code"]!));
            tokens.Status.Should().Be(200, tokens.Body);
            await KillAsync();
            (await server.PostAsync("/connect/introspect", "api", ("token", tokens["access_token"]!))).Json.GetProperty("active").GetBoolean().Should().BeTrue();
        }
        finally
        {
            browser.Dispose();
            await server.DisposeAsync();
        }

        async Task KillAsync()
        {
            await server.KillAsync();
            await server.DisposeAsync();
            server = await CrashableServer.StartAsync(data, $"--TokenServer:ImportFile={import}");
            var before = browser;
            browser = before.At(server.Address);
            before.Dispose();
        }

        static string ReturnOf(Answer answer) => answer.Headers.Location!.OriginalString;
    }
}

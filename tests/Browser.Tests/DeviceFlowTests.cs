using System.Net.Http.Json;
using System.Text.Json;
using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>A person's way from the code that a device shows to the device that is signed in.</summary>
[Collection(ChromiumTests.Name)]
public sealed class DeviceFlowTests(Chromium chromium)
{
    private const string Connect = "Connect a device", Question = "Is this your device?", Grant = "urn:ietf:params:oauth:grant-type:device_code";
    private const string Clients = $$"""
        { "clients": [{ "client_id": "tv", "client_name": "The television", "grant_types": ["{{Grant}}", "refresh_token"], "scope": "openid profile offline_access api" }] }
        """;

    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_is_found_by_its_code_looked_at_and_allowed(bool hasScript)
    {
        await using var server = await RealServer.StartAsync(Clients);
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript);
        using var device = await Device.AskAsync(server, "Living room");
        (await device.PollAsync()).Should().Be("authorization_pending");
        await walk.GoAsync("/device", "Sign in");
        await walk.SignInAsync("bob", Connect);
        await walk.LookAtStepAsync("device-code");
        await walk.FillAsync("Code", "bbbb bbbb");
        await walk.PressAsync("Continue", Connect);
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("No device waits with this code.");
        await walk.LookAtStepAsync("device-code-wrong");
        await walk.FillAsync("Code", device.UserCode.ToLowerInvariant().Replace('-', '\u2013'));
        await walk.PressAsync("Continue", Question);
        await Expect(walk.Fact("Application")).ToHaveTextAsync("The television");
        await Expect(walk.Fact("Device")).ToHaveTextAsync("Living room");
        await Expect(walk.Fact("Asked from")).ToHaveTextAsync("127.0.0.1");
        await Expect(walk.Page.Locator("p.code")).ToHaveTextAsync(device.UserCode);
        await walk.LookAtStepAsync("device-question");
        await walk.PressAsync("Allow", Connect);
        await Expect(walk.Notice).ToContainTextAsync("The device is allowed.");
        await walk.LookAtStepAsync("device-allowed");
        (await device.PollAsync()).Should().BeNull("it has its tokens");
        await walk.GoAsync("/account/sessions", "Sessions");
        await Expect(walk.Page.GetByText("The television on Living room")).ToBeVisibleAsync();
        await walk.LookAsync("device-session");
    }

    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_link_of_a_picture_fills_the_code_and_a_no_is_a_no(bool hasScript)
    {
        await using var server = await RealServer.StartAsync(Clients);
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript);
        using var device = await Device.AskAsync(server, null);
        await walk.GoAsync("/connect/verify?user_code=" + device.UserCode, "Sign in");
        await walk.SignInAsync("bob", Connect);
        await Expect(walk.Page.GetByLabel("Code", new() { Exact = true })).ToHaveValueAsync(device.UserCode);
        // By the keyboard alone: the field has the focus, Enter goes on.
        await walk.Page.GetByLabel("Code", new() { Exact = true }).PressAsync("Enter");
        await walk.IsAtAsync(Question);
        await Expect(walk.Fact("Device")).ToHaveTextAsync("has not said its name");
        await walk.PressAsync("Deny", Connect);
        await Expect(walk.Notice).ToHaveTextAsync("The device is denied. It gets nothing.");
        (await device.PollAsync()).Should().Be("access_denied");
    }

    [NeedsChromiumFact]
    public async Task Who_guesses_is_stopped()
    {
        await using var server = await RealServer.StartAsync(Clients);
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/connect/verify", "Sign in");
        await walk.SignInAsync("bob", Connect);
        for (int i = 0; i < 10; i++)
        {
            await walk.FillAsync("Code", "BCDF-GHJK");
            await walk.PressAsync("Continue", Connect);
        }
        await walk.FillAsync("Code", "BCDF-GHJK");
        await walk.PressAsync("Continue", "Too many attempts");
        await walk.LookAtStepAsync("device-too-many");
    }

    /// <summary>A device of the client tv.</summary>
    private sealed class Device(HttpClient http, string deviceCode, string userCode) : IDisposable
    {
        public string UserCode => userCode;

        public static async Task<Device> AskAsync(RealServer server, string? name)
        {
            var http = new HttpClient { BaseAddress = new Uri(server.Address) };
            var form = new Dictionary<string, string> { ["client_id"] = "tv", ["scope"] = "openid profile offline_access api", ["device_name"] = name ?? "" };
            using var answer = await http.PostAsync("/connect/device", new FormUrlEncodedContent(form));
            var codes = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return new Device(http, codes.GetProperty("device_code").GetString()!, codes.GetProperty("user_code").GetString()!);
        }

        /// <summary>The error that it is told; null where it got tokens.</summary>
        public async Task<string?> PollAsync()
        {
            var form = new Dictionary<string, string> { ["client_id"] = "tv", ["grant_type"] = Grant, ["device_code"] = deviceCode };
            using var answer = await http.PostAsync("/connect/token", new FormUrlEncodedContent(form));
            var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return json.TryGetProperty("error", out var error) ? error.GetString() : null;
        }

        public void Dispose() => http.Dispose();
    }
}

using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Device;

/// <summary>Devices that ask, poll and are allowed, in short.</summary>
internal static class DeviceRequests
{
    public const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code", Verify = "/connect/verify", Decide = Verify + "/decide";
    private const string Scope = "openid profile email offline_access api admin";

    /// <summary>A server with clients for devices: tv and radio are public, kiosk is confidential, bare may not refresh.</summary>
    public static async Task<TestServer> StartAsync(params string[] settings)
    {
        var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. settings], isPatient: true);
        await server.AddDeviceClientsAsync();
        return server;
    }

    public static async Task AddDeviceClientsAsync(this TestServer server)
    {
        await AddAsync(new() { ClientId = "tv", ClientName = "The television", GrantTypes = [DeviceGrant, "refresh_token"], Scope = Scope });
        await AddAsync(new() { ClientId = "radio", GrantTypes = [DeviceGrant, "refresh_token"], Scope = "api" });
        await AddAsync(new() { ClientId = "kiosk", ClientSecret = TestImport.Secret, GrantTypes = [DeviceGrant], Scope = "openid api" });
        await AddAsync(new() { ClientId = "bare", GrantTypes = [DeviceGrant], Scope = "openid offline_access" });

        async Task AddAsync(ClientRegistration client) =>
            (await server.Get<ClientRegistry>().AddAsync(client, new Actor("test"))).Should().BeNull();
    }

    /// <summary>A device of the client tv asks.</summary>
    public static async Task<AskingDevice> AskAsync(this TestServer server, string scope = "openid offline_access api", string? name = null, string client = "tv")
    {
        var answer = await server.PostAsync("/connect/device", null, [("client_id", client), ("scope", scope), .. name is null ? [] : new[] { ("device_name", name) }]);
        answer.Status.Should().Be(200, answer.Body);
        return new(answer["device_code"]!, answer["user_code"]!, answer);
    }

    public static Task<Answer> PollAsync(this TestServer server, AskingDevice device, string client = "tv") =>
        server.PostAsync("/connect/token", null, ("client_id", client), ("grant_type", DeviceGrant), ("device_code", device.DeviceCode));

    /// <summary>The same so late that it is in any pace.</summary>
    public static Task<Answer> PollLaterAsync(this TestServer server, AskingDevice device)
    {
        server.Clock.Advance(TimeSpan.FromSeconds(5));
        return server.PollAsync(device);
    }

    /// <summary>The person types the code, sees the device, and decides.</summary>
    public static async Task<Answer> DecideAsync(this Browser browser, string userCode, string decision = "allow")
    {
        await browser.GetAsync(Verify);
        await browser.PostAsync(Verify, ("user_code", userCode));
        return await browser.PostAsync(Decide, ("user_code", userCode), ("decision", decision));
    }

    public static void ShouldRefuse(this Answer answer, string error, int status = 400) => (answer.Status, answer["error"]).Should().Be((status, error), answer.Body);
}

/// <summary>A device that asks: its codes, and the answer that they were in.</summary>
internal sealed record AskingDevice(string DeviceCode, string UserCode, Answer Answer);

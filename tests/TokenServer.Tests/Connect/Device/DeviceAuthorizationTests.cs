using System.Text;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions.Devices;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Device;

/// <summary>POST /connect/device: a device begins to ask (RFC 8628 sections 3.1 and 3.2, contract section 9).</summary>
public sealed class DeviceAuthorizationTests(DeviceAuthorizationTests.Rig rig) : IClassFixture<DeviceAuthorizationTests.Rig>
{
    private const string Form = "application/x-www-form-urlencoded", Path = "/connect/device";
    private readonly TestServer server = rig.Server;

    [Fact]
    public async Task The_answer_has_what_the_device_shows_and_how_it_polls()
    {
        var (deviceCode, userCode, answer) = await server.AskAsync();
        answer.Json.Names().Should().Equal("device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval");
        deviceCode.Should().MatchRegex("^dc_[A-Za-z0-9_-]{43}$");
        userCode.Should().MatchRegex("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$");
        answer["verification_uri"].Should().Be(server.Address + "/connect/verify");
        answer["verification_uri_complete"].Should().Be($"{server.Address}/connect/verify?user_code={userCode}");
        answer.Json.GetProperty("expires_in").GetInt64().Should().Be(600);
        answer.Json.GetProperty("interval").GetInt64().Should().Be(5);
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
    }

    [Fact]
    public async Task The_addresses_are_the_issuers()
    {
        await using var other = await DeviceRequests.StartAsync("--TokenServer:Issuer=https://id.example.com/tenant/", "--TokenServer:Lifetimes:DeviceCode=00:05:00");
        var device = await other.AskAsync();
        device.Answer["verification_uri"].Should().Be("https://id.example.com/tenant/connect/verify");
        device.Answer["verification_uri_complete"].Should().Be("https://id.example.com/tenant/connect/verify?user_code=" + device.UserCode);
        device.Answer.Json.GetProperty("expires_in").GetInt64().Should().Be(300);
    }

    [Fact]
    public async Task The_client_authenticates_as_at_the_token_endpoint()
    {
        (await server.PostAsync(Path, "kiosk", ("scope", "api"))).Status.Should().Be(200);
        (await server.PostAsync(Path, null, ("client_id", "kiosk"), ("client_secret", TestImport.Secret))).Status.Should().Be(200);
        (await server.PostAsync(Path, null, ("client_id", "kiosk"))).ShouldRefuse("invalid_client", 401);
        (await server.PostAsync(Path, null, ("client_id", "kiosk"), ("client_secret", "wrong"))).ShouldRefuse("invalid_client", 401);
        (await server.PostAsync(Path, null, ("client_id", "tv"), ("client_secret", "any"))).ShouldRefuse("invalid_client", 401);
        (await server.PostAsync(Path, null, ("client_id", "nobody"))).ShouldRefuse("invalid_client", 401);
        (await server.PostAsync(Path, null, ("scope", "api"))).ShouldRefuse("invalid_client", 401);
        (await server.PostAsync(Path, "kiosk", ("client_secret", TestImport.Secret))).ShouldRefuse("invalid_request");
    }

    [Fact]
    public async Task A_client_without_the_grant_may_not_ask()
    {
        (await server.PostAsync(Path, "worker", ("scope", "api"))).ShouldRefuse("unauthorized_client");
        (await server.PostAsync(Path, null, ("client_id", "mobile"))).ShouldRefuse("unauthorized_client");
    }

    [Theory]
    [InlineData("tv", "unheard-of")]
    [InlineData("radio", "openid")]
    [InlineData("tv", "API")]
    [InlineData("bare", "offline_access")]
    public async Task A_scope_that_the_client_may_not_have_is_refused(string client, string scope) =>
        (await server.PostAsync(Path, null, ("client_id", client), ("scope", scope))).ShouldRefuse("invalid_scope");

    [Theory]
    [InlineData("a\tb")]
    [InlineData("a\u202Eb")]
    [InlineData("\u200B")]
    [InlineData("   ")]
    [InlineData("line\nfeed")]
    public async Task A_name_that_is_none_is_refused(string name) =>
        (await server.PostAsync(Path, null, ("client_id", "tv"), ("device_name", name))).ShouldRefuse("invalid_request");

    [Fact]
    public async Task A_name_may_have_100_characters()
    {
        (await server.PostAsync(Path, null, ("client_id", "tv"), ("device_name", new string('é', 100)))).Status.Should().Be(200);
        (await server.PostAsync(Path, null, ("client_id", "tv"), ("device_name", new string('é', 101)))).ShouldRefuse("invalid_request");
        (await server.PostAsync(Path, null, ("client_id", "tv"), ("device_name", ""))).Status.Should().Be(200, "an empty one counts as absent");
    }

    [Theory]
    [InlineData("client_id=tv&client_id=tv")]
    [InlineData("client_id=tv&scope=api&scope=api")]
    [InlineData("client_id=tv&device_name=a&device_name=b")]
    [InlineData("client_id=tv&device_name=%FF")]
    [InlineData("client_id=tv&device_name=%C3")]
    [InlineData("client_id=tv&device_name=a%00")]
    [InlineData("client_id=tv&x=%zz")]
    public async Task A_broken_form_is_an_invalid_request(string body) =>
        (await server.PostContentAsync(Path, Form, Encoding.UTF8.GetBytes(body))).ShouldRefuse("invalid_request");

    [Fact]
    public async Task What_is_no_form_or_too_large_or_in_the_address_is_refused()
    {
        (await server.PostContentAsync(Path, "application/json", "{\"client_id\":\"tv\"}"u8.ToArray())).ShouldRefuse("invalid_request");
        (await server.PostContentAsync(Path, null, "client_id=tv"u8.ToArray())).ShouldRefuse("invalid_request");
        (await server.PostContentAsync(Path, Form, Encoding.ASCII.GetBytes("client_id=tv&x=" + new string('y', 64 * 1024)))).ShouldRefuse("invalid_request", 413);
        (await server.PostContentAsync(Path + "?client_id=tv", Form, "scope=api"u8.ToArray())).ShouldRefuse("invalid_client", 401);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task A_wrong_method_is_answered_with_the_right_one(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Path);
        var answer = await server.SendAsync(request);
        answer.Status.Should().Be(405);
        answer.ContentHeaders.Allow.Should().Equal("POST");
    }

    [Fact]
    public async Task The_metadata_say_where_it_is()
    {
        var metadata = (await server.CallAsync("GET", "/.well-known/openid-configuration")).Json;
        metadata.Text("device_authorization_endpoint").Should().Be(server.Address + Path);
        metadata.Texts("grant_types_supported").Should().Contain(DeviceRequests.DeviceGrant);
        metadata.Texts("device_authorization_endpoint_auth_methods_supported").Should().Contain(["none", "client_secret_basic"]);
    }

    [Fact]
    public async Task A_user_code_that_is_taken_is_not_given_out_again()
    {
        var taken = UserCode.Parse((await server.AskAsync()).UserCode)!;
        var free = UserCode.Draw();
        var draws = new Queue<UserCode>([taken, taken, free]);
        var devices = new DeviceCodes(server.Get<Database>(), server.Get<UserCodeHashes>(), server.Get<TimeOrderedId>(), server.Get<LifetimesOptions>(),
            server.Get<Instruments>(), server.Clock) { Draw = draws.Dequeue };
        var client = server.Get<ClientRegistry>().Find("tv")!;
        (await devices.StartAsync(client, client.Scopes, null, null)).UserCode.Should().Be(free);
        // A database error that is no collision is none of ours to hide; where all are taken, that is said, not waited for.
        var none = new DeviceCodes(server.Get<Database>(), server.Get<UserCodeHashes>(), server.Get<TimeOrderedId>(), server.Get<LifetimesOptions>(),
            server.Get<Instruments>(), server.Clock) { Draw = () => taken };
        await none.Invoking(d => d.StartAsync(client, client.Scopes, null, null)).Should().ThrowAsync<StorageUnavailableException>();
    }

    [Fact]
    public async Task Neither_code_is_at_rest_or_in_the_log()
    {
        var device = await server.AskAsync(name: "the one in the kitchen");
        await server.PollAsync(device);
        string rows = string.Join('\n', server.Get<Database>().Read(s => s.All("""SELECT "Payload", "Properties", "ReferenceId" FROM "OpenIddictTokens" """,
            r => string.Join(' ', Enumerable.Range(0, 3).Select(i => r.IsDBNull(i) ? "" : r.GetString(i))))));
        rows.Should().Contain("the one in the kitchen");
        string letters = device.UserCode.Replace("-", "", StringComparison.Ordinal);
        foreach (string secret in (string[])[device.DeviceCode, device.DeviceCode[3..], device.UserCode, letters])
        {
            rows.Should().NotContain(secret);
            server.Log.Lines.Should().NotContain(line => line.Contains(secret, StringComparison.Ordinal));
        }
        // What a thief of the database alone could try for all codes.
        byte[] plain = System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(letters));
        rows.Should().NotContain(System.Buffers.Text.Base64Url.EncodeToString(plain));
    }

    [Fact]
    public async Task An_address_may_ask_so_often()
    {
        await using var other = await TestServer.StartAsync(["--RateLimits:Device:Permits=3"]);
        await other.AddDeviceClientsAsync();
        for (int i = 0; i < 3; i++) await other.AskAsync();
        var refused = await other.PostAsync(Path, null, ("client_id", "tv"));
        refused.ShouldRefuse("slow_down", 429);
        refused.Headers.RetryAfter!.Delta.Should().BeGreaterThan(TimeSpan.Zero);
        other.Clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));
        await other.AskAsync();
    }

    /// <summary>One server for all that leave it as it was.</summary>
    public sealed class Rig : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await DeviceRequests.StartAsync();

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}

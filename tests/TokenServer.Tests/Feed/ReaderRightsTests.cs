using TokenServer.Clients;
using TokenServer.Keys;
using TokenServer.RevocationFeed;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>A poll that is held and a stream that is open tell nothing to a client that a new request would be refused, or told of other
/// things (docs/decisions/0037).</summary>
public sealed class ReaderRightsTests : IAsyncLifetime
{
    private TestServer server = null!;

    public async Task InitializeAsync() => server = await FeedRig.StartAsync("--RevocationFeed:Heartbeat=00:00:00.1");

    public async Task DisposeAsync() => await server.DisposeAsync();

    private ClientRegistry Registry => server.Get<ClientRegistry>();

    [Fact]
    public async Task A_held_poll_of_a_client_that_is_revoked_is_refused()
    {
        var held = await HoldAsync();
        await Registry.RevokeAsync("api", "test");
        await RefusedAsync(held, 401, "invalid_client");
    }

    [Fact]
    public async Task A_held_poll_of_a_client_that_is_deleted_and_registered_anew_is_refused()
    {
        var held = await HoldAsync();
        await Registry.DeleteAsync("api", "test");
        (await Registry.AddAsync(new() { ClientId = "api", ClientSecret = TestImport.Secret, Audiences = ["api"], Introspection = true }, "test")).Should().BeNull();
        await RefusedAsync(held, 401, "invalid_client");
    }

    [Fact]
    public async Task A_held_poll_whose_secret_was_replaced_is_refused_and_nothing_is_told()
    {
        var held = await HoldAsync();
        await Registry.RotateSecretAsync("api", "test");
        await server.RevokeTokenAsync();
        await RefusedAsync(held, 401, "invalid_client");
        (await held).Headers.WwwAuthenticate.ToString().Should().Be("Basic realm=\"TokenServer\"", "as a new request would be answered");
    }

    [Fact]
    public async Task A_held_poll_goes_on_while_its_old_secret_is_taken_beside_the_new_one()
    {
        var held = await HoldAsync();
        await Registry.RotateSecretAsync("api", "test", TimeSpan.FromHours(1));
        // A change of the client's state is an event of its own.
        (await held).Events().Select(e => e.Subject()).Should().Equal("api");
        var again = await HoldAsync();
        await Registry.EndOldSecretAsync("api", "test");
        await RefusedAsync(again, 401, "invalid_client");
    }

    [Fact]
    public async Task A_held_poll_of_a_client_that_may_not_introspect_any_more_is_refused()
    {
        var held = await HoldAsync();
        await Registry.UpdateAsync("api", _ => true, r => { r.Introspection = false; return r; }, "test");
        await RefusedAsync(held, 400, "unauthorized_client");
    }

    [Fact]
    public async Task A_held_poll_whose_audiences_change_begins_anew_with_what_concerns_the_new_ones()
    {
        string forFiles = await server.RevokeTokenAsync("filer");
        await server.SettleAsync();
        var held = await HoldAsync(new { cursor = "" });
        await Registry.UpdateAsync("api", _ => true, r => { r.Audiences = ["files"]; return r; }, "test");
        await server.RevokeTokenAsync();
        var answer = await held;
        answer.Events().Select(e => e.Subject()).Should().Contain(forFiles);
        answer.Events().Should().HaveCount(1, "what is for api is none of its any more");
    }

    [Fact]
    public async Task A_held_poll_by_an_assertion_is_refused_when_its_key_is_replaced()
    {
        var key = await RegisterKeyedAsync();
        var held = await HoldAsync(new { cursor = "", client_assertion = key.Assert(server, "keyed"), client_assertion_type = ClientKey.AssertionType }, client: null);
        await Registry.UpdateAsync("keyed", _ => true, r => { r.Jwks = ClientKey.SetOf(new ClientKey(kid: "two"), key); return r; }, "test");
        string id = await server.RevokeTokenAsync();
        (await held).Events().Select(e => e.Subject()).Should().Equal([id], "its key is one of them still");
        held = await HoldAsync(new { cursor = (await held)["cursor"], client_assertion = key.Assert(server, "keyed"), client_assertion_type = ClientKey.AssertionType }, client: null);
        await Registry.UpdateAsync("keyed", _ => true, r => { r.Jwks = ClientKey.SetOf(new ClientKey(kid: "two")); return r; }, "test");
        await server.RevokeTokenAsync();
        await RefusedAsync(held, 401, "invalid_client");
    }

    [Fact]
    public async Task A_stream_ends_when_its_secret_is_replaced_and_tells_nothing_more()
    {
        using var stream = await FeedSubscription.OpenAsync(server.Http);
        await stream.UpToCurrentAsync();
        await Registry.RotateSecretAsync("api", "test");
        await server.RevokeTokenAsync();
        (await RestAsync(stream)).Should().NotContain("set");
    }

    [Fact]
    public async Task A_stream_goes_on_with_an_old_secret_until_that_ends_by_itself()
    {
        using var stream = await FeedSubscription.OpenAsync(server.Http);
        await stream.UpToCurrentAsync();
        await Registry.RotateSecretAsync("api", "test", TimeSpan.FromHours(1));
        string id = await server.RevokeTokenAsync();
        (await stream.NextSetAsync()).Subject().Should().Be("api");
        (await stream.NextSetAsync()).Subject().Should().Be(id);
        await stream.UpToCurrentAsync();
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.RevokeTokenAsync();
        (await RestAsync(stream)).Should().NotContain("set");
    }

    [Fact]
    public async Task A_stream_ends_when_the_way_of_authenticating_changes_or_the_right_to_read_goes()
    {
        using var other = await FeedSubscription.OpenAsync(server.Http);
        await Registry.UpdateAsync("api", _ => true, r => { r.TokenEndpointAuthMethod = "client_secret_post"; return r; }, "test");
        (await RestAsync(other)).Should().NotContain("set");
        using var files = await FeedSubscription.OpenAsync(server.Http, "files");
        await Registry.UpdateAsync("files", _ => true, r => { r.Introspection = false; return r; }, "test");
        (await RestAsync(files)).Should().NotContain("set");
    }

    [Fact]
    public async Task Something_else_that_changes_in_the_registration_ends_nothing()
    {
        using var stream = await FeedSubscription.OpenAsync(server.Http);
        var held = await HoldAsync();
        await Registry.UpdateAsync("api", _ => true, r => { r.ClientName = "The API"; return r; }, "test");
        string id = await server.RevokeTokenAsync();
        (await held).Events().Select(e => e.Subject()).Should().Equal(id);
        (await stream.NextSetAsync()).Subject().Should().Be(id);
    }

    [Fact]
    public async Task What_is_current_says_since_when_and_by_which_keys()
    {
        using var stream = await FeedSubscription.OpenAsync(server.Http);
        var (time, before) = await CurrentAsync(stream);
        time.Should().Be(server.Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000m);
        before.Should().Be(await MarkOfPublishedAsync());
        server.Clock.Advance(TimeSpan.FromSeconds(7));
        decimal later = time + 7;
        while (time != later) (time, _) = await CurrentAsync(stream);
        var polled = await server.PollAsync();
        (polled.Json.GetProperty("time").GetDecimal(), polled["keys"]).Should().Be((later, before));

        var held = await HoldAsync(new { cursor = polled["cursor"] });
        await server.Get<KeyRing>().ReplaceAllAsync("test");
        string after = await MarkOfPublishedAsync();
        after.Should().NotBe(before);
        var answer = await held;
        (answer["keys"], answer.Events().Count).Should().Be((after, 0), "it is answered at once, though nothing was revoked");
        string now = before;
        while (now == before) (_, now) = await CurrentAsync(stream);
        now.Should().Be(after);
    }

    private static async Task<(decimal Time, string Keys)> CurrentAsync(FeedSubscription stream)
    {
        while (await stream.NextAsync() is var (name, data))
        {
            if (name != "current") continue;
            var said = System.Text.Json.JsonDocument.Parse(data).RootElement;
            return (said.GetProperty("time").GetDecimal(), said.Text("keys"));
        }
        throw new InvalidOperationException("the stream ended");
    }

    // As docs/operations.md describes it.
    private async Task<string> MarkOfPublishedAsync()
    {
        var published = (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks"))).Json;
        string all = string.Concat(published.GetProperty("keys").EnumerateArray().Select(k => k.Text("kid")).Order(StringComparer.Ordinal).Select(k => k + "\n"));
        return System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(all)));
    }

    // A poll that waits on the server.
    private async Task<Task<Answer>> HoldAsync(object? body = null, string? client = "api")
    {
        await server.SettleAsync();
        body ??= new { cursor = (await server.PollAsync())["cursor"] };
        int before = server.Get<FeedListeners>().Count;
        var held = server.PollAsync(body, client);
        (await Eventually.TrueAsync(() => Task.FromResult(held.IsCompleted || server.Get<FeedListeners>().Count > before), Eventually.Never)).Should().BeTrue();
        held.IsCompleted.Should().BeFalse();
        return held;
    }

    private static async Task RefusedAsync(Task<Answer> held, int status, string error)
    {
        var answer = await held;
        (answer.Status, answer["error"], answer.Json.TryGetProperty("sets", out _)).Should().Be((status, error, false));
    }

    // The names of what comes until the stream ends.
    private static async Task<List<string>> RestAsync(FeedSubscription stream)
    {
        var names = new List<string>();
        while (await stream.NextAsync() is var (name, _)) names.Add(name);
        return names;
    }

    private async Task<ClientKey> RegisterKeyedAsync()
    {
        var key = new ClientKey();
        var registration = new ClientRegistration
            { ClientId = "keyed", TokenEndpointAuthMethod = "private_key_jwt", Audiences = ["api"], Introspection = true, Jwks = key.Jwks };
        (await Registry.AddAsync(registration, "test")).Should().BeNull();
        return key;
    }
}

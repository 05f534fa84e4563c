using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Pruning;
using TokenServer.RevocationFeed;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>The feed of what was revoked, polled (RFC 8936, RFC 8417; docs/decisions/0037).</summary>
public sealed class PollTests : IAsyncLifetime
{
    private TestServer server = null!;

    public async Task InitializeAsync() => server = await FeedRig.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task An_ended_session_is_told_as_a_Security_Event_Token()
    {
        string session = await server.EndSessionAsync();
        var answer = await server.PollAsync(new { cursor = "" });
        var set = answer.Json.GetProperty("sets").EnumerateObject().Should().ContainSingle().Subject;
        string token = set.Value.GetString()!;
        (await server.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
        var (header, claims) = (Jwt.Header(token), Jwt.Claims(token));
        (header.Text("typ"), header.Text("alg")).Should().Be(("secevent+jwt", "ES256"));
        claims.Names().Should().Equal("iss", "aud", "jti", "iat", "sub_id", "events");
        (claims.Text("iss"), claims.Text("aud"), claims.Text("jti")).Should().Be((server.Address, "api", set.Name));
        JsonSerializer.Serialize(claims.GetProperty("sub_id")).Should().Be($$$"""{"format":"complex","session":{"format":"opaque","id":"{{{session}}}"}}""");
        var told = claims.GetProperty("events").GetProperty(EventTokens.SessionRevoked);
        told.GetProperty("event_timestamp").GetDouble().Should().BeApproximately(server.Clock.GetUtcNow().ToUnixTimeSeconds(), 1);
        told.Number("forget_after").Should().BeCloseTo(server.Clock.GetUtcNow().AddDays(7).ToUnixTimeSeconds(), 1);
        (answer["cursor"], answer.Json.TryGetProperty("moreAvailable", out _)).Should().Be((set.Name, false));
        (await server.PollAsync(new { cursor = set.Name, returnImmediately = true })).Events().Should().BeEmpty();
    }

    [Fact]
    public async Task A_revoked_token_is_told_by_its_id_for_as_long_as_it_could_live()
    {
        string id = await server.RevokeTokenAsync();
        var told = (await server.NextAsync()).Should().ContainSingle().Subject;
        (told.TypeOf(), told.Subject(), told.GetProperty("sub_id").Text("iss")).Should().Be(("token-revoked", id, server.Address));
        server.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        (await server.AllAsync()).Should().ContainSingle();
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.AllAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_client_is_told_of_when_it_is_revoked_restored_deleted_and_registered_anew()
    {
        var registry = server.Get<ClientRegistry>();
        await registry.RevokeAsync("worker", "test");
        var disabled = (await server.NextAsync()).Single();
        (disabled.TypeOf(), disabled.Subject()).Should().Be(("client-disabled", "worker"));
        string before = await IdAsync("quiet");
        await registry.RestoreAsync("worker", "test");
        var enabled = (await server.NextAsync(disabled.Text("jti"))).Single();
        enabled.TypeOf().Should().Be("client-enabled");
        string after = enabled.GetProperty("events").GetProperty(EventTokens.ClientEnabled).Text("valid_after");
        string.CompareOrdinal(before, after).Should().BeNegative();
        string.CompareOrdinal(await IdAsync("worker"), after).Should().BePositive();
        await registry.DeleteAsync("worker", "test");
        var gone = (await server.NextAsync(enabled.Text("jti"))).Single();
        gone.TypeOf().Should().Be("client-disabled");
        var again = new ClientRegistration { ClientId = "worker", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "api" };
        (await registry.AddAsync(again, "test")).Should().BeNull();
        (await server.NextAsync(gone.Text("jti"))).Single().TypeOf().Should().Be("client-enabled");
        (await server.AllAsync())[^1].TypeOf().Should().Be("client-enabled", "whoever begins later ends with what is so now");
    }

    [Fact]
    public async Task Without_a_cursor_what_was_not_acknowledged_is_told_again()
    {
        string[] ids = [await server.RevokeTokenAsync(), await server.RevokeTokenAsync(), await server.RevokeTokenAsync()];
        await server.SettleAsync();
        var first = (await server.PollAsync()).Events();
        first.Select(e => e.Subject()).Should().Equal(ids);
        (await server.PollAsync()).Events().Should().HaveCount(3);
        string[] jti = [.. first.Select(e => e.Text("jti"))];
        (await server.PollAsync(new { returnImmediately = true, ack = new[] { jti[0], jti[2] } })).Events().Select(e => e.Subject())
            .Should().Equal([ids[1], ids[2]], "what is behind a gap may come twice");
        (await server.PollAsync(new { returnImmediately = true, ack = new[] { jti[2], "no such" }, setErrs = new Dictionary<string, object> { [jti[1]] = new { err = "invalid_key", description = "x" } } }))
            .Events().Should().BeEmpty("what could not be taken is not told for ever");
        server.Log.Lines.Should().ContainSingle(e => e.Contains("invalid_key", StringComparison.Ordinal));
        (await server.PollAsync(new { returnImmediately = true, reader = "second" })).Events().Should().HaveCount(3, "another reader has its own place");
    }

    [Fact]
    public async Task As_many_as_asked_for_come_and_it_is_said_that_there_are_more()
    {
        for (int i = 0; i < 5; i++) await server.RevokeTokenAsync();
        await server.SettleAsync();
        var (seen, cursor, more) = (new List<string>(), "", true);
        while (more)
        {
            var answer = await server.PollAsync(new { cursor, maxEvents = 2, returnImmediately = true });
            seen.AddRange(answer.Events().Select(e => e.Subject()));
            (cursor, more) = (answer["cursor"]!, answer["moreAvailable"] == "True");
        }
        seen.Should().HaveCount(5).And.OnlyHaveUniqueItems();
        var nothing = await server.PollAsync(new { maxEvents = 0, ack = new[] { cursor } });
        nothing.Events().Should().BeEmpty();
    }

    [Fact]
    public async Task A_poll_is_held_until_something_is_revoked()
    {
        var held = server.PollAsync(new { cursor = "" });
        held.IsCompleted.Should().BeFalse();
        string session = await server.EndSessionAsync();
        (await held).Events().Select(e => e.Subject()).Should().Equal(session);
    }

    [Fact]
    public async Task A_cursor_outlives_a_restart_and_nothing_is_missed()
    {
        await server.EndSessionAsync();
        string cursor = (await server.PollAsync(new { cursor = "" }))["cursor"]!;
        string missed = await server.EndSessionAsync();
        await server.StopAsync();
        await using var again = await TestServer.StartAsync(folder: server.Folder, clock: server.Clock);
        (await again.PollAsync(new { cursor, returnImmediately = true })).Events().Select(e => e.Subject()).Should().Equal(missed);
    }

    [Fact]
    public async Task The_last_row_outlives_pruning_so_that_who_has_everything_need_not_begin_anew()
    {
        await server.RevokeTokenAsync();
        await server.RevokeTokenAsync();
        await server.SettleAsync();
        var both = (await server.PollAsync(new { cursor = "", returnImmediately = true })).Events();
        server.Clock.Advance(TimeSpan.FromHours(2));
        await server.Get<Pruner>().RunAsync(default);
        (await server.PollAsync(new { cursor = both[1].Text("jti"), returnImmediately = true }))["begin_anew"].Should().BeNull();
        var behind = await server.PollAsync(new { cursor = both[0].Text("jti"), returnImmediately = true });
        (behind["begin_anew"], behind.Events().Count).Should().Be(("True", 0));
    }

    [Fact]
    public async Task Who_shows_a_cursor_that_is_none_begins_anew()
    {
        string session = await server.EndSessionAsync();
        string good = (await server.PollAsync(new { cursor = "" }))["cursor"]!;
        foreach (string cursor in (string[])["x", "0.x", good + "x", "9999." + good.Split('.')[1], new string('9', 30) + ".x", ".", "-1.x"])
        {
            var answer = await server.PollAsync(new { cursor, returnImmediately = true });
            (answer["begin_anew"], answer["cursor"]).Should().Be(("True", good), cursor);
            answer.Events().Select(e => e.Subject()).Should().Equal(session);
        }
        // The rows of a database that was restored: the number is there, and is another's.
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "Revocations" SET "DeadId"="DeadId"+1"""));
        (await server.PollAsync(new { cursor = good, returnImmediately = true }))["begin_anew"].Should().Be("True");
    }

    [Fact]
    public async Task Who_acknowledges_and_whose_place_is_lost_begins_anew_once()
    {
        await server.RevokeTokenAsync();
        string jti = (await server.PollAsync(new { })).Events().Single().Text("jti");
        await server.PollAsync(new { returnImmediately = true, ack = new[] { jti } });
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "Revocations" SET "DeadId"="DeadId"+1"""));
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "FeedReaders" SET "Acknowledged"="Acknowledged" || 'x' """));
        var anew = await server.PollAsync();
        anew["begin_anew"].Should().Be("True");
        var next = await server.PollAsync(new { returnImmediately = true, ack = new[] { anew.Events().Single().Text("jti") } });
        (next["begin_anew"], next.Events().Count).Should().Be((null, 0));
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    [InlineData("""{"maxEvents":-1}""", "maxEvents")]
    [InlineData("""{"maxEvents":1.5}""", "maxEvents")]
    [InlineData("""{"maxEvents":99999999999999999999}""", "maxEvents")]
    [InlineData("""{"maxEvents":"1"}""", "maxEvents")]
    [InlineData("""{"returnImmediately":"yes"}""", "returnImmediately")]
    [InlineData("""{"ack":"x"}""", "ack")]
    [InlineData("""{"ack":[1]}""", "ack")]
    [InlineData("""{"setErrs":[]}""", "setErrs")]
    [InlineData("""{"setErrs":{"x":1}}""", "setErrs")]
    [InlineData("""{"setErrs":{"x":{"err":1}}}""", "err")]
    [InlineData("""{"cursor":1}""", "cursor")]
    [InlineData("""{"reader":"a b"}""", "reader")]
    [InlineData("""{"cursor":"","cursor":""}""", "JSON")]
    [InlineData("""{"cursor":"\ud800"}""", "JSON")]
    public async Task A_body_that_makes_no_sense_is_an_invalid_request(string body, string names)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/events")
            { Content = new StringContent(body, Encoding.UTF8, "application/json"), Headers = { Authorization = OAuth.Basic("api", TestImport.Secret) } };
        var answer = await server.SendAsync(request);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"), answer.Body);
        answer["error_description"].Should().Contain(names);
    }

    [Fact]
    public async Task A_form_and_a_body_that_is_too_large_are_refused()
    {
        var form = await server.PostAsync("/connect/events", "api", ("maxEvents", "1"));
        (form.Status, form["error"]).Should().Be((415, "invalid_request"));
        (await server.PollAsync(new { cursor = new string('x', 70_000) })).Status.Should().Be(413);
        using var get = new HttpRequestMessage(HttpMethod.Get, "/connect/events") { Headers = { Authorization = OAuth.Basic("api", TestImport.Secret) } };
        var refused = await server.SendAsync(get);
        (refused.Status, refused.ContentHeaders.Allow.Single()).Should().Be((405, "POST"));
    }

    private async Task<string> IdAsync(string client) => Jwt.Claims(await server.WorkerTokenAsync(client)).Text("jti");
}

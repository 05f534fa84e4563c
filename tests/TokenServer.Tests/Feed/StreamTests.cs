using System.Net.Sockets;
using System.Text;
using TokenServer.Clients;
using TokenServer.RevocationFeed;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Telemetry;

namespace TokenServer.Tests.Feed;

/// <summary>The feed of what was revoked as server-sent events.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task It_begins_with_all_there_is_says_that_nothing_is_missing_and_goes_on()
    {
        await using var server = await FeedRig.StartAsync();
        string before = await server.EndSessionAsync();
        await server.SettleAsync();
        using var stream = await FeedSubscription.OpenAsync(server.Http);
        (await stream.UpToCurrentAsync()).Select(e => e.Subject()).Should().Equal(before);
        string id = await server.RevokeTokenAsync();
        (await stream.NextSetAsync()).Subject().Should().Be(id);
        string cursor = stream.LastId;
        string missed = await server.EndSessionAsync();
        await server.SettleAsync();
        using var again = await FeedSubscription.OpenAsync(server.Http, lastId: cursor);
        (await again.UpToCurrentAsync()).Select(e => e.Subject()).Should().Equal(missed);
        (await server.PollAsync(new { cursor = again.LastId, returnImmediately = true })).Events().Should().BeEmpty("the cursor is the same for both");
    }

    [Fact]
    public async Task Silence_is_told_from_having_nothing_to_say()
    {
        await using var server = await FeedRig.StartAsync("--RevocationFeed:Heartbeat=00:00:00.1");
        using var stream = await FeedSubscription.OpenAsync(server.Http);
        for (int i = 0; i < 3; i++) (await stream.NextAsync())!.Value.Name.Should().Be("current");
    }

    [Fact]
    public async Task Who_comes_with_a_cursor_that_is_none_is_told_to_begin_anew()
    {
        await using var server = await FeedRig.StartAsync();
        string session = await server.EndSessionAsync();
        await server.SettleAsync();
        using var measured = new Measured(server);
        using var stream = await FeedSubscription.OpenAsync(server.Http, lastId: "17.nonsense");
        (await stream.NextAsync())!.Value.Name.Should().Be("begin_anew");
        (await stream.UpToCurrentAsync()).Select(e => e.Subject()).Should().Equal(session);
        measured.Of("revocation_feed.readers.sent_back").Should().Equal("unknown_cursor");
    }

    [Fact]
    public async Task It_ends_when_its_client_is_revoked_and_when_the_server_stops()
    {
        await using var server = await FeedRig.StartAsync("--RevocationFeed:Heartbeat=00:00:00.1");
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        using var ended = await FeedSubscription.OpenAsync(http, "files");
        using var stopped = await FeedSubscription.OpenAsync(http);
        await stopped.UpToCurrentAsync();
        await server.Get<ClientRegistry>().RevokeAsync("files", "test");
        await EndsAsync(ended);
        await server.StopAsync();
        await EndsAsync(stopped);
    }

    [Fact]
    public async Task There_are_so_many_places_of_a_client_and_of_all_and_those_that_leave_are_free_again()
    {
        await using var server = await FeedRig.StartAsync("--RevocationFeed:ListenersPerClient=1", "--RevocationFeed:Listeners=2", "--RevocationFeed:Heartbeat=00:00:00.1");
        var api = await FeedSubscription.OpenAsync(server.Http);
        (await AskAsync(server, "api")).Should().Be((429, "slow_down"));
        using var files = await FeedSubscription.OpenAsync(server.Http, "files");
        (await AskAsync(server, "archive")).Should().Be((503, "temporarily_unavailable"));
        var held = await server.PollAsync(new { cursor = "" }, "archive");
        (held.Status, held.Headers.RetryAfter!.Delta).Should().Be((503, TimeSpan.FromSeconds(5)));
        (await server.PollAsync(null, "archive")).Status.Should().Be(200, "what is not held takes no place");
        api.Dispose();
        (await Eventually.TrueAsync(() => Task.FromResult(server.Get<FeedListeners>().Count == 1), Eventually.Never)).Should().BeTrue();
        using var again = await FeedSubscription.OpenAsync(server.Http);
    }

    [Fact]
    public async Task HEAD_has_the_headers_alone()
    {
        await using var server = await FeedRig.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/connect/events/stream") { Headers = { Authorization = OAuth.Basic("api", TestImport.Secret) } };
        var answer = await server.SendAsync(request);
        (answer.Status, answer.ContentHeaders.ContentType!.MediaType, answer.Body).Should().Be((200, "text/event-stream", ""));
        server.Get<FeedListeners>().Count.Should().Be(0);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_off_and_costs_no_more_than_a_buffer()
    {
        await using var server = await FeedRig.StartAsync("--RevocationFeed:SlowestReader=00:00:01");
        for (int i = 0; i < 40; i++) await server.RevokeTokenAsync();
        await server.SettleAsync();
        // A snapshot of thousands, so that no buffer of the system holds it.
        await server.Get<Database>().WriteAsync(s => s.Execute("""
            INSERT INTO "Revocations" ("DeadId", "ExpiresAt", "Kind", "ClientId", "Audiences", "RevokedAt")
            SELECT a."DeadId", a."ExpiresAt", a."Kind", a."ClientId", a."Audiences", a."RevokedAt" FROM "Revocations" a, "Revocations" b, (SELECT 1 AS "n" UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) c
            """));
        await server.SettleAsync();
        var address = new Uri(server.Address);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /connect/events/stream HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {OAuth.Basic("api", TestImport.Secret)}\r\n\r\n"));
        (await Eventually.TrueAsync(() => Task.FromResult(server.Get<FeedListeners>().Count == 1), Eventually.Never)).Should().BeTrue();
        (await Eventually.TrueAsync(() => Task.FromResult(server.Get<FeedListeners>().Count == 0), Eventually.Never)).Should().BeTrue();
        using var quick = await FeedSubscription.OpenAsync(server.Http);
        (await quick.UpToCurrentAsync()).Should().HaveCount(40 + 40 * 40 * 5);
    }

    [Fact]
    public async Task Nothing_is_missed_that_is_revoked_while_the_snapshot_is_read()
    {
        await using var server = await FeedRig.StartAsync();
        var revoked = new List<string>();
        for (int i = 0; i < 20; i++) revoked.Add(await server.RevokeTokenAsync());
        var writing = Task.WhenAll(Enumerable.Range(0, 60).Select(_ => server.RevokeTokenAsync()));
        using var stream = await FeedSubscription.OpenAsync(server.Http);
        var (seen, cursor) = (new HashSet<string>(), "");
        var streamed = Task.Run(async () =>
        {
            var all = new List<string>();
            while (all.Count < 80) all.Add((await stream.NextSetAsync()).Subject());
            return all;
        });
        while (seen.Count < 80)
        {
            var answer = await server.PollAsync(new { cursor, maxEvents = 3 });
            foreach (var e in answer.Events()) seen.Add(e.Subject()).Should().BeTrue("each comes once");
            cursor = answer["cursor"]!;
        }
        revoked.AddRange(await writing);
        seen.Should().BeEquivalentTo(revoked);
        (await streamed).Should().BeEquivalentTo(revoked).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Who_reads_and_how_far_behind_each_is_can_be_seen()
    {
        await using var server = await FeedRig.StartAsync("--RevocationFeed:Heartbeat=00:00:00.1");
        using var measured = new Measured(server);
        using var stream = await FeedSubscription.OpenAsync(server.Http, reader: "gw-1");
        await stream.UpToCurrentAsync();
        await server.EndSessionAsync();
        await stream.NextSetAsync();
        await stream.UpToCurrentAsync();
        (await Eventually.TrueAsync(() => Task.FromResult(server.Get<FeedReaderList>().List().Count == 1), Eventually.Never)).Should().BeTrue();
        var reader = server.Get<FeedReaderList>().List()[0];
        (reader.ClientId, reader.Name, reader.Way, reader.CurrentAt).Should().Be(("api", "gw-1", "stream", server.Clock.GetUtcNow().UtcDateTime));
        measured.Look();
        measured.Of("revocation_feed.lag").Should().Contain("api gw-1 stream");
        measured.Values("revocation_feed.listeners").Should().Equal(1);
        (await Eventually.TrueAsync(() => Task.FromResult(measured.Values("revocation_feed.event.age").Count == 1), Eventually.Never)).Should().BeTrue();
    }

    private static async Task EndsAsync(FeedSubscription stream)
    {
        while (await stream.NextAsync() is not null)
        {
        }
    }

    private static async Task<(int, string?)> AskAsync(TestServer server, string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/events/stream") { Headers = { Authorization = OAuth.Basic(client, TestImport.Secret) } };
        var answer = await server.SendAsync(request);
        return (answer.Status, answer["error"]);
    }
}

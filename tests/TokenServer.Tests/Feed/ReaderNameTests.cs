using TokenServer.RevocationFeed;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>A client's readers have names of their own, and cost bounded memory and rows however many names there are.</summary>
public sealed class ReaderNameTests : IAsyncLifetime
{
    private TestServer server = null!;

    public async Task InitializeAsync() => server = await FeedRig.StartAsync("--RevocationFeed:LongestPoll=00:00:10");

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task So_many_read_at_once_another_is_refused_with_a_reason_and_let_in_when_one_is_gone()
    {
        int most = server.Get<FeedReaders>().MostOfClient;
        for (int i = 0; i < most; i++) await AskAsync($"r{i}", 200);
        var refused = await AskAsync("another", 429);
        (refused["error"], refused["error_description"]).Should().Be(("slow_down", $"the client has {most} readers of other names, and all of them read now"));
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(70));
        await AskAsync("r7", 200);
        (await server.PollAsync(new { reader = "another", returnImmediately = true }, "files")).Status.Should().Be(200, "each client has its own");
        server.Clock.Advance(TimeSpan.FromSeconds(71));
        await AskAsync("another", 200);
        server.Get<FeedReaders>().Here().Select(r => r.Name).Should().Contain("another").And.NotContain("r0").And.Contain("r7");
    }

    [Fact]
    public async Task Ever_new_names_cost_so_many_rows_and_the_oldest_go()
    {
        int most = server.Get<FeedReaders>().MostOfClient;
        string jti = await RevokeAsync();
        for (int i = 0; i < most + 20; i++)
        {
            (await server.PollAsync(new { reader = $"r{i}", returnImmediately = true, ack = new[] { jti } })).Events().Should().BeEmpty();
            server.Clock.Advance(TimeSpan.FromSeconds(2));
        }
        Names().Should().HaveCount(most).And.Contain($"r{most + 19}").And.NotContain("r0");
        (await server.PollAsync(new { reader = $"r{most + 19}", returnImmediately = true })).Events().Should().BeEmpty("its place is kept");
        (await server.PollAsync(new { reader = "r0", returnImmediately = true })).Events().Should().ContainSingle("its place went, and it begins anew");
    }

    [Fact]
    public async Task Where_no_row_is_free_an_acknowledgement_is_refused_and_not_forgotten_silently()
    {
        int most = server.Get<FeedReaders>().MostOfClient;
        // Those of other replicas, which read now.
        long client = server.Get<TokenServer.Clients.ClientRegistry>().Find("api")!.Id;
        DateTime now = server.Clock.GetUtcNow().UtcDateTime;
        await server.Get<Database>().WriteAsync(s =>
        {
            for (int i = 0; i < most; i++)
                s.Execute("""INSERT INTO "FeedReaders" ("ApplicationId", "Name", "Way", "SeenAt") VALUES (@p0, @p1, 'poll', @p2)""", client, $"r{i}", now);
        });
        string jti = await RevokeAsync();
        (await server.PollAsync(new { reader = "new", returnImmediately = true, ack = new[] { jti } })).Status.Should().Be(429);
        (await server.PollAsync(new { reader = "r3", returnImmediately = true, ack = new[] { jti } })).Events().Should().BeEmpty();
        Names().Should().HaveCount(most).And.NotContain("new");
    }

    [Theory]
    [InlineData(64, 200)]
    [InlineData(65, 400)]
    public async Task A_name_has_a_length(int length, int status) => await AskAsync(new string('x', length), status);

    private async Task<Answer> AskAsync(string name, int status)
    {
        var answer = await server.PollAsync(new { reader = name, cursor = "", returnImmediately = true });
        answer.Status.Should().Be(status, answer.Body);
        return answer;
    }

    private async Task<string> RevokeAsync()
    {
        await server.RevokeTokenAsync();
        await server.SettleAsync();
        return (await server.PollAsync(new { cursor = "", returnImmediately = true, maxEvents = 500 }, "api")).Events()[^1].Text("jti");
    }

    private List<string> Names() => server.Get<Database>().Read(s => s.All("""SELECT "Name" FROM "FeedReaders" WHERE "Name" <> '' """, r => r.GetString(0)));
}

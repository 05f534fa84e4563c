using Microsoft.AspNetCore.Builder;
using TokenServer.Accounts;
using TokenServer.BackChannel;
using TokenServer.Clients;
using TokenServer.Pruning;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.BackChannel;

/// <summary>Clients hear of each session of theirs that ends, however it ends (OpenID Connect Back-Channel Logout 1.0).</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private LogoutReceiver shop = null!, wiki = null!;
    private TestServer server = null!;

    public async Task InitializeAsync()
    {
        (shop, wiki) = (await LogoutReceiver.StartAsync(), await LogoutReceiver.StartAsync());
        server = await TestServer.StartAsync(FaceRequests.NoLimits, LogoutRig.Import(shop.Address, wiki.Address));
        // Until a request has come it is not known what clients call this server.
        await server.Http.GetStringAsync("/.well-known/openid-configuration");
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await shop.DisposeAsync();
        await wiki.DisposeAsync();
    }

    [Fact]
    public async Task Every_end_is_told_to_the_client_whose_session_it_was()
    {
        var told = new List<string>();
        await EndsAsync(async _ => await server.PostAsync("/connect/revoke", "shop", ("token", (await SignInAsync())["refresh_token"]!)));
        await EndsAsync(async session => await server.Get<UserSessions>().EndAsync(session, new("session.ended", Now)));
        await EndsAsync(async session => await server.Get<UserSessions>().EndOthersAsync(
            new(server.AccountOf("bob"), await server.BeginAsync("quiet", null), null)));
        await EndsAsync(async _ => await server.Get<ClientRegistry>().RevokeAsync("shop", "command line"));
        await server.Get<ClientRegistry>().RestoreAsync("shop", "command line");
        await EndsAsync(async _ => await server.Get<UserAccounts>().DisableAsync(server.Get<UserAccounts>().FindByLogin("bob")!, "command line"));
        shop.Claims.Select(c => c.Text("jti")).Should().OnlyHaveUniqueItems();
        (await Eventually.TrueAsync(() => Task.FromResult(Waiting() == 0), Patience)).Should().BeTrue();

        async Task EndsAsync(Func<long, Task> end)
        {
            long session = await server.BeginAsync("shop", null, offline: true);
            await end(session);
            if (server.GoesOn(session)) await server.Get<UserSessions>().EndAsync(session, new("session.ended", Now));
            told.Add(TimeOrderedId.ToText(session));
            (await Eventually.TrueAsync(() => Task.FromResult(told.All(shop.Claims.Select(c => c.Text("sid")).Contains)), Patience)).Should().BeTrue();
        }
    }

    [Fact]
    public async Task A_reused_refresh_token_is_told()
    {
        string first = (await SignInAsync())["refresh_token"]!;
        string second = (await server.RefreshAsync(first, "shop"))["refresh_token"]!;
        await server.RefreshAsync(second, "shop");
        shop.Calls.Should().BeEmpty();
        (await server.RefreshAsync(first, "shop"))["error"].Should().Be("invalid_grant");
        await shop.HasAsync(1);
    }

    [Fact]
    public async Task A_session_that_another_application_ends_is_told()
    {
        long session = await server.BeginAsync("shop", null);
        await using var plain = await Interop.PlainApplication.OnAsync(server);
        string subject = server.AccountOf("bob").ToString();
        (await plain.Authorizations.TryRevokeAsync(await plain.Authorizations.FindBySubjectAsync(subject).SingleAsync())).Should().BeTrue();
        await shop.HasAsync(1);
        (shop.Claims[0].Text("sid"), shop.Claims[0].Text("sub")).Should().Be((TimeOrderedId.ToText(session), subject));
    }

    [Fact]
    public async Task A_client_without_an_address_costs_no_row()
    {
        await EndAsync("quiet");
        server.Get<Database>().Read(s => s.All("""SELECT count(*) FROM "LogoutDeliveries" """, r => r.GetInt64(0)))[0].Should().Be(0);
    }

    [Fact]
    public async Task What_was_not_taken_is_tried_again_within_half_a_minute_and_then_ever_less_often_for_a_day()
    {
        shop.Answer = Status(500);
        long session = await EndAsync("shop");
        await shop.HasAsync(1);
        await FailedAsync(1);
        var at = new List<TimeSpan> { TimeSpan.Zero };
        var start = server.Clock.GetUtcNow();
        while (Waiting() > 0 && at.Count < 100)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(10));
            if (at.Count > 6) server.Clock.Advance(TimeSpan.FromMinutes(10));
            int before = shop.Calls.Count;
            await SendAsync();
            if (shop.Calls.Count > before) at.Add(server.Clock.GetUtcNow() - start);
        }
        var pauses = at.Zip(at.Skip(1), (a, b) => b - a).ToList();
        pauses[0].Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(30));
        pauses.SkipLast(1).Should().BeInAscendingOrder();
        at[^1].Should().BeCloseTo(TimeSpan.FromDays(1), TimeSpan.FromMinutes(15));
        server.Get<LogoutList>().Count().Failed.Should().Be(1);
        var failed = server.Get<LogoutList>().List(new(Status: LogoutSummary.Failed), null, 10).Should().ContainSingle().Which;
        (failed.SessionId, failed.LastError, failed.Attempts).Should().Be((session, "the receiver answered 500", at.Count));
        server.AuditedEvents().Should().ContainSingle(e => e == "logout.failed");
        shop.Claims.Select(c => c.Text("jti")).Should().OnlyHaveUniqueItems();
        shop.Claims.Select(c => c.Number("exp") - c.Number("iat")).Should().AllBeEquivalentTo(120L);
        server.Clock.Advance(TimeSpan.FromDays(8));
        await server.Get<Pruner>().RunAsync(default);
        server.Get<LogoutList>().Count().Failed.Should().Be(0);
    }

    [Fact]
    public async Task A_receiver_that_is_back_is_told()
    {
        shop.Answer = Status(503);
        long session = await EndAsync("shop");
        await FailedAsync(1);
        shop.Answer = Status(204);
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        await SendAsync();
        shop.Claims.Select(c => c.Text("sid")).Should().Equal(TimeOrderedId.ToText(session), TimeOrderedId.ToText(session));
        Waiting().Should().Be(0);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task No_redirect_is_followed(int status)
    {
        shop.Answer = context =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (status, wiki.Address);
            return Task.CompletedTask;
        };
        await EndAsync("shop");
        (await FailedAsync(1)).LastError.Should().Be($"the receiver answered {status}");
        wiki.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task A_slow_receiver_holds_up_nobody_else_and_is_given_up_after_five_seconds()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        shop.Answer = context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);
        for (int i = 0; i < 6; i++) await EndAsync("shop");
        await shop.HasAsync(4);
        await EndAsync("wiki");
        await wiki.HasAsync(1);
        shop.Calls.Should().HaveCount(4, "a client is sent a few at a time");
        (await FailedAsync(4)).LastError.Should().Be("the receiver did not answer within 5 seconds");
        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromSeconds(4.5));
    }

    [Fact]
    public async Task A_huge_answer_is_not_read()
    {
        shop.Answer = async context =>
        {
            byte[] much = new byte[1 << 20];
            for (int i = 0; i < 1000 && !context.RequestAborted.IsCancellationRequested; i++) await context.Response.Body.WriteAsync(much);
        };
        await EndAsync("shop");
        (await Eventually.TrueAsync(() => Task.FromResult(Waiting() == 0 && shop.Calls.Count == 1), Patience)).Should().BeTrue();
        shop.Answer = context =>
        {
            for (int i = 0; i < 20; i++) context.Response.Headers[$"x-{i}"] = new string('x', 1000);
            return Task.CompletedTask;
        };
        await EndAsync("shop");
        (await FailedAsync(1)).LastError.Should().Be("the receiver's answer is no HTTP");
    }

    [Fact]
    public async Task What_is_sent_says_who_sends_it_and_keeps_no_cookie()
    {
        shop.Answer = context =>
        {
            context.Response.Cookies.Append("a", "b");
            return Task.CompletedTask;
        };
        await EndAsync("shop");
        await shop.HasAsync(1);
        await EndAsync("shop");
        await shop.HasAsync(2);
        foreach (var call in shop.Calls)
        {
            call.Headers["User-Agent"].Should().StartWith("TokenServer/");
            call.Headers.Keys.Should().BeSubsetOf(["Host", "User-Agent", "Content-Type", "Content-Length"]);
        }
    }

    [Fact]
    public async Task A_deleted_client_is_told_nothing_more()
    {
        shop.Answer = Status(500);
        await EndAsync("shop");
        await FailedAsync(1);
        await server.Get<ClientRegistry>().DeleteAsync("shop", "command line");
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await SendAsync();
        shop.Calls.Should().HaveCount(1);
        Waiting().Should().Be(0);
    }

    [Fact]
    public async Task What_was_committed_and_not_sent_is_sent_after_a_start()
    {
        long session = await server.BeginAsync("shop", null);
        // As a process that dies right after the commit leaves it: nobody was told that there is something to send.
        await server.Get<Database>().WriteAsync(s => server.Get<SessionEnds>().End(s, session));
        shop.Calls.Should().BeEmpty();
        string folder = server.Folder;
        await server.StopAsync();
        await using var next = await TestServer.StartAsync([$"--TokenServer:Issuer={server.Address}"], folder: folder, clock: server.Clock);
        await shop.HasAsync(1);
        shop.Claims[0].Text("sid").Should().Be(TimeOrderedId.ToText(session));
    }

    [Fact]
    public async Task One_that_was_taken_by_a_sender_that_died_is_taken_again_when_its_time_is_over()
    {
        long session = await server.BeginAsync("shop", null), client = server.Get<ClientRegistry>().Find("shop")!.Id;
        await server.Get<Database>().WriteAsync(s => server.Get<SessionEnds>().End(s, session));
        var queue = server.Get<LogoutQueue>();
        (await queue.TakeAsync(client, 10)).Should().ContainSingle().Which.Attempt.Should().Be(1);
        (await queue.TakeAsync(client, 10)).Should().BeEmpty();
        await SendAsync();
        shop.Calls.Should().BeEmpty();
        server.Clock.Advance(LogoutQueue.Lease);
        await SendAsync();
        shop.Calls.Should().HaveCount(1);
        Waiting().Should().Be(0);
    }

    [Fact]
    public async Task A_moment_that_a_clock_ahead_has_stamped_holds_nothing_up()
    {
        long session = await server.BeginAsync("shop", null);
        await server.Get<Database>().WriteAsync(s =>
        {
            server.Get<SessionEnds>().End(s, session);
            s.Execute("""UPDATE "LogoutDeliveries" SET "NextAttemptAt"=@p0, "CreatedAt"=@p0""", Now + TimeSpan.FromDays(400));
        });
        await SendAsync();
        shop.Calls.Should().HaveCount(1);
    }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private DateTime Now => server.Clock.GetUtcNow().UtcDateTime;

    private static Func<Microsoft.AspNetCore.Http.HttpContext, Task> Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private Task<Answer> SignInAsync() => server.SignInAsync("shop", "bob", "openid offline_access api");

    private async Task<long> EndAsync(string client)
    {
        long session = await server.BeginAsync(client, null);
        await server.Get<UserSessions>().EndAsync(session, new("session.ended", Now));
        return session;
    }

    private Task SendAsync() => server.Get<LogoutSender>().RunAsync(default);

    private long Waiting() => server.Get<LogoutList>().Count().Waiting;

    /// <summary>Waits until so many failed at least once; the first of them.</summary>
    private async Task<LogoutSummary> FailedAsync(int count)
    {
        IReadOnlyList<LogoutSummary> failed = [];
        (await Eventually.TrueAsync(() =>
        {
            failed = [.. server.Get<LogoutList>().List(new(), null, 100).Where(d => d.LastError is not null)];
            return Task.FromResult(failed.Count >= count);
        }, Patience)).Should().BeTrue();
        return failed[0];
    }
}

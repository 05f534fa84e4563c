using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>samples/gateway before a server that hangs, is slow, or sends anything: it answers in time, lets nobody in by mistake, and recovers.</summary>
public sealed class GatewayTroubleTests : IAsyncLifetime
{
    // What a request may take whose keys are waited for two seconds, on a busy machine.
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(30);
    private PretendServer server = null!;

    public async Task InitializeAsync() => server = await PretendServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    public static TheoryData<string> Troubles => ["hangs", "hangs in the middle", "is slow", "fails", "sends a page", "sends garbage", "sends 10 MB", "sends no keys", "sends bad keys", "breaks off"];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Where_the_keys_cannot_be_had_what_is_known_goes_on_and_the_rest_is_answered_503(string trouble)
    {
        await using var gateway = await GatewayRig.StartAsync(server.Address, TimeProvider.System, "Gateway:FeedBound=00:00:30");
        string known = server.Token();
        (await gateway.AskAsync(known)).Should().Be(HttpStatusCode.OK);
        server.Jwks = context => BadlyAsync(context, trouble);
        // The feed says that there are others, which cannot be had.
        server.ReplaceKey("two");
        string token = server.Token();
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.AskAsync(token)));
        watch.Elapsed.Should().BeLessThan(InTime);
        // Keys that were had a moment ago are all there are, for five seconds; then nobody can say. A set without keys is one.
        answers.Should().OnlyContain(a => a == HttpStatusCode.ServiceUnavailable || a == HttpStatusCode.Unauthorized);
        (await Eventually.TrueAsync(async () => trouble == "sends no keys" || await gateway.AskAsync(token) == HttpStatusCode.ServiceUnavailable, Eventually.Never)).Should().BeTrue();
        server.Jwks = server.GiveKeysAsync;
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(token) == HttpStatusCode.OK, Eventually.Never)).Should().BeTrue();
        (await gateway.AskAsync(known)).Should().Be(HttpStatusCode.Unauthorized, "its key was replaced");
    }

    [Fact]
    public async Task What_a_replaced_key_signed_passes_no_longer_than_the_bound_though_the_new_keys_cannot_be_had()
    {
        await using var gateway = await GatewayRig.StartAsync(server.Address, TimeProvider.System, "Gateway:FeedBound=00:00:02");
        string token = server.Token();
        (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.OK);
        server.Jwks = context => BadlyAsync(context, "hangs");
        server.ReplaceKey("two");
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(token) == HttpStatusCode.ServiceUnavailable, Eventually.Never)).Should().BeTrue();
        server.Jwks = server.GiveKeysAsync;
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(token) == HttpStatusCode.Unauthorized, Eventually.Never)).Should().BeTrue();
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(server.Token()) == HttpStatusCode.OK, Eventually.Never)).Should().BeTrue();
    }

    public static TheoryData<string, string> FeedTroubles
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string way in (string[])["Stream", "Poll"])
                foreach (string trouble in (string[])["hangs", "fails", "refuses", "sends a page", "sends garbage", "sends 10 MB", "breaks off", "tells of nonsense", "tells by a stranger"]) all.Add(way, trouble);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(FeedTroubles))]
    public async Task Where_the_feed_makes_no_sense_nobody_is_let_in_after_the_bound_and_it_recovers(string way, string trouble)
    {
        await using var gateway = await GatewayRig.StartAsync(server.Address, TimeProvider.System, "Gateway:FeedBound=00:00:01", $"Gateway:FeedBy={way}");
        var (stream, poll) = (server.Stream, server.Poll);
        int asked = 0;
        server.Stream = server.Poll = context =>
        {
            Interlocked.Increment(ref asked);
            return TellBadlyAsync(context, way, trouble);
        };
        await gateway.CutAsync();
        int enough = trouble is "hangs" or "refuses" ? 1 : 3;
        (await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref asked) >= enough), Eventually.Never)).Should().BeTrue();
        (await gateway.AskAsync(server.Token())).Should().Be(HttpStatusCode.ServiceUnavailable);
        (server.Stream, server.Poll) = (stream, poll);
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(server.Token()) == HttpStatusCode.OK, Eventually.Never)).Should().BeTrue();
    }

    [Fact]
    public async Task A_feed_that_is_kept_back_on_its_way_is_as_old_as_it_says()
    {
        var behind = TimeSpan.Zero;
        server.Stream = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            while (!context.RequestAborted.IsCancellationRequested)
            {
                long time = (TimeProvider.System.GetUtcNow() - behind).ToUnixTimeSeconds();
                await context.Response.WriteAsync($"event: current\ndata: {{\"time\":{time},\"keys\":\"{server.Mark}\"}}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(50, context.RequestAborted);
            }
        };
        await using var gateway = await GatewayRig.StartAsync(server.Address, TimeProvider.System, "Gateway:FeedBound=00:00:20");
        gateway.Feed.Age.Should().BeLessThan(TimeSpan.FromSeconds(20));
        behind = TimeSpan.FromSeconds(15);
        (await Eventually.TrueAsync(() => Task.FromResult(gateway.Feed.Age > TimeSpan.FromSeconds(10)), Eventually.Never)).Should().BeTrue();
    }

    private async Task BadlyAsync(HttpContext context, string trouble)
    {
        var ct = context.RequestAborted;
        context.Response.ContentType = "application/json";
        switch (trouble)
        {
            case "hangs":
                await Task.Delay(Timeout.Infinite, ct);
                break;
            case "hangs in the middle":
                await context.Response.WriteAsync("""{"keys":[""", ct);
                await context.Response.Body.FlushAsync(ct);
                await Task.Delay(Timeout.Infinite, ct);
                break;
            case "is slow":
                while (!ct.IsCancellationRequested)
                {
                    await context.Response.WriteAsync(" ", ct);
                    await context.Response.Body.FlushAsync(ct);
                    await Task.Delay(100, ct);
                }
                break;
            case "fails":
                context.Response.StatusCode = 500;
                break;
            case "refuses":
                context.Response.StatusCode = 403;
                break;
            case "sends a page":
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<!DOCTYPE html><title>Sign in to the Wi-Fi</title>", ct);
                break;
            case "sends garbage":
                await context.Response.Body.WriteAsync(new byte[] { 0xff, 0xfe, 0, 1, 2, 3 }, ct);
                break;
            case "sends 10 MB":
                await context.Response.WriteAsync("""{"keys":[],"x":" """ + new string('x', 10 * 1024 * 1024) + "\"}", ct);
                break;
            case "sends no keys":
                await context.Response.WriteAsync("""{"keys":[]}""", ct);
                break;
            case "sends bad keys":
                await context.Response.WriteAsync("""{"keys":[{"kid":"two","kty":"EC","alg":"ES256","crv":"P-256","x":"AAAA","y":"!"}]}""", ct);
                break;
            default:
                await context.Response.WriteAsync("""{"keys":""", ct);
                await context.Response.Body.FlushAsync(ct);
                context.Abort();
                break;
        }
    }

    private Task TellBadlyAsync(HttpContext context, string way, string trouble)
    {
        string? set = trouble switch
        {
            "tells of nonsense" => server.Sign("""{"iss":"x","events":5}""", new { typ = "secevent+jwt" }),
            "tells by a stranger" => "eyJhbGciOiJub25lIiwidHlwIjoic2VjZXZlbnQrand0In0.e30.",
            _ => null,
        };
        if (way == "Poll") return set is null ? BadlyAsync(context, trouble) : context.Response.WriteAsJsonAsync(new { sets = new { x = set }, cursor = "1.x", keys = server.Mark });
        if (trouble is "fails" or "refuses" or "hangs" or "sends a page") return BadlyAsync(context, trouble);
        context.Response.ContentType = "text/event-stream";
        return set is null ? GoOnAsync() : context.Response.WriteAsync($"id: 1.x\nevent: set\ndata: {set}\n\n");

        async Task GoOnAsync()
        {
            string garbage = trouble == "sends 10 MB" ? new string('x', 10 * 1024 * 1024) : "event: current\ndata: not JSON\n\n";
            await context.Response.WriteAsync(garbage, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        }
    }
}

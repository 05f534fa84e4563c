using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>What the server gives to be signed (RFC 9449 sections 8 and 9): demanded of clients whose tokens are always bound, taken of all.</summary>
public sealed class NonceTests(DpopServer shared) : IClassFixture<DpopServer>
{
    private readonly TestServer server = shared.Server;
    private readonly DpopKey key = new();

    [Fact]
    public async Task A_client_that_is_always_bound_is_refused_without_a_proof()
    {
        var refused = await server.TokenAsync("bound", ("grant_type", "client_credentials"));
        refused.ShouldBeRefused();
        (await server.TokenAsync("bound", ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password))).ShouldBeRefused();
    }

    [Fact]
    public async Task It_is_told_a_nonce_and_comes_again_with_it()
    {
        string proof = key.ForTokens(server);
        var told = await Ask(proof);
        told.ShouldBeRefused("use_dpop_nonce");
        string nonce = told.Nonce()!;
        nonce.Should().MatchRegex("^[A-Za-z0-9_-]{32}$");
        told.Headers.CacheControl!.NoStore.Should().BeTrue();
        var answer = await Ask(key.ForTokens(server, nonce: nonce));
        (answer.Status, answer["token_type"]).Should().Be((200, "DPoP"), answer.Body);
        answer.Nonce().Should().BeNull("that one is good for a while");
        (await Ask(key.ForTokens(server, nonce: nonce))).Status.Should().Be(200, "a nonce is no jti");
    }

    [Fact]
    public async Task One_is_good_for_five_minutes_and_renewed_before()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, DpopRequests.Import, isPatient: true);
        string nonce = (await Ask(key.ForTokens(own), own)).Nonce()!;
        own.Clock.Advance(TimeSpan.FromSeconds(150));
        (await Ask(key.ForTokens(own, nonce: nonce), own)).Nonce().Should().BeNull();
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        var renewed = await Ask(key.ForTokens(own, nonce: nonce), own);
        (renewed.Status, renewed.Nonce()).Should().NotBe((200, null));
        (await Ask(key.ForTokens(own, nonce: renewed.Nonce()), own)).Status.Should().Be(200);
        own.Clock.Advance(TimeSpan.FromSeconds(149));
        (await Ask(key.ForTokens(own, nonce: nonce), own)).Status.Should().Be(200);
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        var stale = await Ask(key.ForTokens(own, nonce: nonce), own);
        stale.ShouldBeRefused("use_dpop_nonce");
        (await Ask(key.ForTokens(own, nonce: stale.Nonce()), own)).Status.Should().Be(200);
    }

    [Fact]
    public async Task With_a_nonce_a_clock_may_be_five_minutes_off()
    {
        string nonce = (await Ask(key.ForTokens(server))).Nonce()!;
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (long off in (long[])[-300, -61, 61, 300]) (await Ask(key.ForTokens(server, new { iat = now + off }, nonce: nonce))).Status.Should().Be(200, $"{off}");
        foreach (long off in (long[])[-301, 301, -3600]) (await Ask(key.ForTokens(server, new { iat = now + off }, nonce: nonce))).ShouldBeRefused();
        string replayed = key.ForTokens(server, new { iat = now - 200 }, nonce: nonce);
        (await Ask(replayed)).Status.Should().Be(200);
        (await Ask(replayed)).ShouldBeRefused();
    }

    [Fact]
    public async Task What_is_none_of_ours_is_answered_with_one_also_where_none_is_demanded()
    {
        string good = (await Ask(key.ForTokens(server))).Nonce()!;
        foreach (string bad in (string[])["", "x", new('A', 32), new('_', 32), good[..^1], good + "A", (good[0] == 'A' ? "B" : "A") + good[1..], good[..20] + new string('A', 12), good + "\n", "é"])
        {
            foreach (string client in (string[])["bound", "worker"])
            {
                var answer = await server.BoundAsync(key, client, bad);
                answer.ShouldBeRefused("use_dpop_nonce");
                answer.Nonce().Should().NotBeNull();
            }
        }
    }

    [Fact]
    public async Task Where_none_is_demanded_one_is_given_all_the_same()
    {
        var answer = await server.BoundAsync(key);
        answer.Status.Should().Be(200);
        answer = await server.BoundAsync(key, nonce: answer.Nonce());
        (answer.Status, answer.Nonce()).Should().Be((200, null));
    }

    [Fact]
    public async Task One_outlives_the_rotation_of_the_signing_key_and_not_its_replacement()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, DpopRequests.Import, isPatient: true);
        string nonce = (await Ask(key.ForTokens(own), own)).Nonce()!;
        await own.Get<KeyRing>().RotateAsync(SigningKey.ES256, "test");
        (await Ask(key.ForTokens(own, nonce: nonce), own)).Status.Should().Be(200);
        await own.Get<KeyRing>().ReplaceAllAsync("test");
        (await Ask(key.ForTokens(own, nonce: nonce), own)).ShouldBeRefused("use_dpop_nonce");
    }

    private Task<Answer> Ask(string proof, TestServer? at = null) => (at ?? server).BoundAsync(proof, "bound", ("grant_type", "client_credentials"));
}

using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using TokenServer.Clients;
using TokenServer.Connect;
using TokenServer.Connect.Remembered;
using TokenServer.Connect.Token;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Tests.Support;
using TokenServer.Tokens;

namespace TokenServer.Tests.Connect.Remembered;

/// <summary>The table of decisions: so many and no more, and none of them shared by two requests that differ in a byte.</summary>
public sealed class RememberedDecisionsTests
{
    private const int Places = 1 << 13;
    private readonly RememberedDecisions decisions = new(new TokenServerOptions(), TimeProvider.System);

    [Fact]
    public void A_newer_decision_takes_an_older_ones_place()
    {
        Fingerprint[] all = [.. Enumerable.Range(0, 5 * Places).Select(_ => new Fingerprint(Any(), Any()))];
        foreach (var one in all) decisions.Remember(one, all, until: null);
        all.Count(one => decisions.Find<object>(one) is not null).Should().BeInRange(Places / 2, Places);
        decisions.Find<object>(all[^1]).Should().BeSameAs(all);
    }

    [Fact]
    public void Requests_that_differ_in_header_type_body_or_endpoint_share_no_decision()
    {
        // Of parts as short as these, different requests are often the same where they are put together.
        var text = Gen.Elements("", "a", "b", "aa", "ab", "ba", "aab", "é");
        var request =
            from authorization in text
            from type in text
            from body in text.Where(b => b.Length > 0)
            from kind in Gen.Elements(Enum.GetValues<RequestKind>())
            select new Asked(authorization, type, body, kind);
        var pairs = (from one in request from other in request select (one, other)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(pairs, p => (Of(p.one) == Of(p.other)) == (p.one == p.other)));
    }

    [Theory]
    [InlineData(0, true, 1)]
    [InlineData(12 * 1024 + 1, true, 1)]
    [InlineData(10, false, 1)]
    [InlineData(10, true, 2)]
    public async Task No_body_a_large_one_one_of_unknown_length_or_two_headers_are_not_remembered(int size, bool isSized, int headers)
    {
        var http = Request(new string('a', size), isSized ? size : null);
        http.Request.Headers.Authorization = Enumerable.Repeat("Basic YTpi", headers).ToArray();
        (await decisions.FingerprintAsync(http, RequestKind.Token)).Should().BeNull();
    }

    [Fact]
    public async Task Nothing_is_remembered_where_the_setting_says_so()
    {
        var none = new RememberedDecisions(new TokenServerOptions { RememberDecisions = false }, TimeProvider.System);
        (await none.FingerprintAsync(Request("a=b", 3), RequestKind.Token)).Should().BeNull();
        (await decisions.FingerprintAsync(Request("a=b", 3), RequestKind.Token)).Should().NotBeNull();
    }

    [Fact]
    public async Task Under_a_limit_every_request_counts()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Token:Permits=3"]);
        for (int i = 0; i < 3; i++) (await AskAsync()).Status.Should().Be(200);
        var refused = await AskAsync();
        (refused.Status, refused["error"]).Should().Be((429, "slow_down"));

        Task<Answer> AskAsync() => server.TokenAsync("worker", ("grant_type", "client_credentials"));
    }

    [Fact]
    public async Task What_changes_while_a_decision_is_made_ends_it()
    {
        await using var server = await TestServer.StartAsync();
        var (introspection, tokens) = (server.Get<IntrospectionDecisions>(), server.Get<ClientCredentialsDecisions>());
        var place = new Fingerprint(Any(), Any());
        var (worker, token) = (server.Get<ClientRegistry>().Find("worker")!, await server.WorkerTokenAsync());
        var request = new ConnectRequest(new DefaultHttpContext(), server.Address)
        {
            Client = worker, Told = ((await server.Get<TokenLookup>().FindAsync(token))!, null),
            Grant = new Grant(null, worker.DefaultScopes, null),
        };
        request.Issued = await server.Get<AccessTokenIssuer>().IssueAsync(worker, request.Grant, server.Address);

        introspection.Remember(place, introspection.Basis, request, new OpenIddictResponse());
        introspection.Find(place, server.Address).Should().NotBeNull();
        object before = introspection.Basis;
        await server.Get<KeyRing>().ReplaceAllAsync("test");
        introspection.Remember(place, before, request, new OpenIddictResponse());
        introspection.Find(place, server.Address).Should().BeNull();

        tokens.Remember(place, tokens.Basis, request);
        (await tokens.TryAnswerAsync(new DefaultHttpContext(), place, server.Address)).Should().BeTrue();
        before = tokens.Basis;
        server.Get<ScopeRegistry>().Reload();
        tokens.Remember(place, before, request);
        (await tokens.TryAnswerAsync(new DefaultHttpContext(), place, server.Address)).Should().BeFalse();
    }

    private static UInt128 Any() => BitConverter.ToUInt128(RandomNumberGenerator.GetBytes(16));

    // What is there at once is read at once.
    private Fingerprint? Of(Asked asked)
    {
        var http = Request(asked.Body, Encoding.UTF8.GetByteCount(asked.Body));
        (http.Request.Headers.Authorization, http.Request.ContentType) = (asked.Authorization, asked.Type);
        var fingerprint = decisions.FingerprintAsync(http, asked.Kind).AsTask();
        fingerprint.IsCompleted.Should().BeTrue();
        return fingerprint.Result;
    }

    private static DefaultHttpContext Request(string body, long? length)
    {
        var http = new DefaultHttpContext();
        (http.Request.Body, http.Request.ContentLength) = (new MemoryStream(Encoding.UTF8.GetBytes(body)), length);
        return http;
    }

    private sealed record Asked(string Authorization, string Type, string Body, RequestKind Kind);
}

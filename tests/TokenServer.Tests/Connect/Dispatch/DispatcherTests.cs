using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using TokenServer.Connect.Dispatch;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Tests.Support;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Tests.Connect.Dispatch;

/// <summary>Plans are made once and dropped when the options change, as they do whenever a key rotates; no request notices.</summary>
public sealed class DispatcherTests
{
    private const int Callers = 32, Rotations = 4;
    private static readonly TimeSpan Patience = Eventually.Never;

    [Fact]
    public async Task Other_options_have_other_plans()
    {
        var (first, second) = (new Counter(), new Counter());
        var dispatcher = new Dispatcher(new ServiceCollection().BuildServiceProvider());
        OpenIddictServerOptions before = With(first), after = With(second);
        await DispatchAsync(before);
        await DispatchAsync(after);
        await DispatchAsync(after);
        (first.Count, second.Count).Should().Be((1, 2));

        async Task DispatchAsync(OpenIddictServerOptions options) =>
            await dispatcher.DispatchAsync(new ProcessRequestContext(new OpenIddictServerTransaction { Options = options }));
    }

    [Fact]
    public async Task Handlers_run_in_their_order_until_one_refuses()
    {
        var ran = new List<int>();
        var options = With([.. Enumerable.Range(1, 3).Select(place => new Note(ran, place, refuses: place == 2))]);
        await new Dispatcher(new ServiceCollection().BuildServiceProvider())
            .DispatchAsync(new ProcessRequestContext(new OpenIddictServerTransaction { Options = options }));
        ran.Should().Equal(1, 2);
    }

    [Theory]
    [InlineData("web", SigningKey.RS256)]
    [InlineData("plain", SigningKey.ES256)]
    public async Task A_rotated_key_signs_what_is_issued_next(string client, string identity)
    {
        await using var server = await TestServer.StartAsync();
        var ring = server.Get<KeyRing>();
        var options = server.Get<IOptionsMonitor<OpenIddictServerOptions>>();
        await ExpectAsync();
        foreach (string algorithm in KeyRing.Algorithms)
        {
            (string old, var known) = (ring.Active(algorithm).KeyId, options.CurrentValue);
            (await ring.RotateAsync(algorithm, "test")).Should().BeTrue();
            ring.Active(algorithm).KeyId.Should().NotBe(old);
            options.CurrentValue.Should().NotBeSameAs(known);
            await ExpectAsync();
        }

        async Task ExpectAsync()
        {
            var answer = await server.TokenAsync(null, ("client_id", client), ("client_secret", TestImport.Secret),
                ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "openid api"));
            Jwt.Header(answer["access_token"]!).Text("kid").Should().Be(ring.Active(SigningKey.ES256).KeyId);
            Jwt.Header(answer["id_token"]!).Text("kid").Should().Be(ring.Active(identity).KeyId);
            foreach (string token in (string[])["access_token", "id_token"])
                (await server.IsSignedByPublishedKeyAsync(answer[token]!)).Should().BeTrue(token);
        }
    }

    [Fact]
    public async Task Rotations_under_load_fail_no_request()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var end = new CancellationTokenSource();
        int asked = 0;
        var callers = Enumerable.Range(0, Callers).Select(number => Task.Run(() => CallAsync(number))).ToArray();
        for (int rotation = 0; rotation < Rotations; rotation++)
        {
            // As many have been answered since the last one as there are callers.
            int before = Volatile.Read(ref asked);
            bool GoesOn() => Volatile.Read(ref asked) >= before + Callers || callers.Any(c => c.IsFaulted);
            (await Eventually.TrueAsync(() => Task.FromResult(GoesOn()), Patience)).Should().BeTrue();
            foreach (string algorithm in KeyRing.Algorithms) (await server.Get<KeyRing>().RotateAsync(algorithm, "test")).Should().BeTrue();
        }
        await end.CancelAsync();
        await Task.WhenAll(callers);

        async Task CallAsync(int number)
        {
            do
            {
                bool isUser = number % 4 == 0;
                var answer = await AskAsync(isUser);
                // Where the machine is so busy that it is not known in time what other processes have changed: not the rotation's doing.
                while (answer.Status == 503 && answer.Headers.RetryAfter is not null) answer = await AskAsync(isUser);
                answer.Status.Should().Be(200, answer.Body);
                var told = await server.IntrospectAsync(answer["access_token"]!);
                while (told.Status == 503) told = await server.IntrospectAsync(answer["access_token"]!);
                told["active"].Should().Be(bool.TrueString);
                if (isUser) (await server.IsSignedByPublishedKeyAsync(answer["id_token"]!)).Should().BeTrue();
                Interlocked.Increment(ref asked);
            }
            while (!end.IsCancellationRequested);
        }

        Task<Answer> AskAsync(bool isUser) => isUser ? server.SignInAsync(user: "bob", scope: "openid api")
            : server.TokenAsync("worker", ("grant_type", "client_credentials"));
    }

    // Without any of OpenIddict's own.
    private static OpenIddictServerOptions With(params IOpenIddictServerHandler<ProcessRequestContext>[] handlers)
    {
        var options = new OpenIddictServerOptions();
        options.Handlers.Clear();
        options.Handlers.AddRange(handlers.Select(Handler));
        return options;
    }

    private static OpenIddictServerHandlerDescriptor Handler(IOpenIddictServerHandler<ProcessRequestContext> handler, int place) =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessRequestContext>().UseSingletonHandler(handler).SetOrder(place).Build();

    /// <summary>Counts how often it ran.</summary>
    private sealed class Counter : IOpenIddictServerHandler<ProcessRequestContext>
    {
        public int Count { get; private set; }

        public ValueTask HandleAsync(ProcessRequestContext context)
        {
            Count++;
            return default;
        }
    }

    /// <summary>Notes that it ran.</summary>
    private sealed class Note(List<int> ran, int place, bool refuses) : IOpenIddictServerHandler<ProcessRequestContext>
    {
        public ValueTask HandleAsync(ProcessRequestContext context)
        {
            ran.Add(place);
            if (refuses) context.Reject("invalid_request");
            return default;
        }
    }
}

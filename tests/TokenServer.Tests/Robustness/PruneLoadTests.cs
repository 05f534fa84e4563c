using System.Collections.Concurrent;
using System.Diagnostics;
using TokenServer.Pruning;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Robustness;

/// <summary>Pruning a million rows holds up no request: the writer is given back after each small batch.</summary>
[Collection(Alone.Name)]
public sealed class PruneLoadTests(ITestOutputHelper output)
{
    private const int Expired = 1_000_000, TokensPerSession = 4, AdHoc = 20_000, Revocations = 50_000, Together = 100_000, Live = 8;

    // Every fourth token is the last of its session; the others were used.
    private const string ExpiredTokens = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "AuthorizationId", "CreationDate", "ExpirationDate", "Payload", "Properties", "ReferenceId", "Status", "Subject", "Type")
        SELECT i, 1, i/4+1, datetime('2026-01-01', i||' seconds'), datetime('2026-01-15', i||' seconds'), 'Zm9yIGEgdGVzdCwgdGhlIGhhc2ggb2Ygbm8gdG9rZW4u',
               CASE i%4 WHEN 3 THEN NULL ELSE 'Zm9yIGEgdGVzdCwgYSBzdWNjZXNzb3IgdGhhdCBub29uZSBjYW4gb3Blbi4gSXQgaXMgNjQ' END,
               printf('%013d', i), CASE i%4 WHEN 3 THEN 'valid' ELSE 'redeemed' END, '1', 'refresh_token' FROM n
        """;
    private const string Sessions = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type")
        SELECT i+1, 1, datetime('2026-01-01', i||' seconds'), '{"amr":"pwd"}', '["openid","offline_access","api"]', 'valid', '1', @p2 FROM n
        """;
    private const string ExpiredRevocations = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "Revocations" ("DeadId", "ExpiresAt") SELECT i+1, datetime('2026-01-08', i||' seconds') FROM n
        """;

    [FullFact]
    public async Task A_million_expired_tokens_are_pruned_while_no_request_waits()
    {
        await using var server = await TestServer.StartAsync();
        await FillAsync(server.Get<Database>());
        var refreshTokens = new string[Live];
        for (int i = 0; i < Live; i++) refreshTokens[i] = (await server.SignInAsync())["refresh_token"]!;

        var load = new Load(server, refreshTokens);
        var quiet = await load.MeasureAsync(Task.Delay(TimeSpan.FromSeconds(1)));
        var watch = Stopwatch.StartNew();
        var pruning = Task.Run(() => server.Get<Pruner>().RunAsync(CancellationToken.None));
        var busy = await load.MeasureAsync(pruning);
        var (pruned, whole) = (await pruning, watch.Elapsed);

        output.WriteLine($"pruned {pruned} in {whole.TotalSeconds:0.0} s");
        output.WriteLine($"requests without pruning: {quiet}");
        output.WriteLine($"requests during pruning:  {busy}");
        pruned.Should().Be(new Pruned(Expired, Expired / TokensPerSession + AdHoc, Revocations));
        Left(server.Get<Database>()).Should().Be((0, Live, 0));
        foreach (string token in load.RefreshTokens) (await server.RefreshAsync(token)).Status.Should().Be(200);
        // One DELETE for all of them would hold someone up for nearly the whole of it; a machine busy with other things stretches both.
        busy.Longest.Should().BeLessThan(whole / 8);
        busy.P99.Should().BeLessThan(whole / 200);
    }

    private static async Task FillAsync(Database database)
    {
        await FillAsync(database, ExpiredTokens, 0, Expired);
        await FillAsync(database, Sessions, 0, Expired / TokensPerSession, "permanent");
        await FillAsync(database, Sessions, Expired / TokensPerSession, Expired / TokensPerSession + AdHoc, "ad-hoc");
        await FillAsync(database, ExpiredRevocations, 0, Revocations);
    }

    private static async Task FillAsync(Database database, string sql, int from, int to, string? type = null)
    {
        for (int i = from; i < to; i += Together)
        {
            object?[] values = type is null ? [i, Math.Min(i + Together, to)] : [i, Math.Min(i + Together, to), type];
            await database.WriteAsync(s => s.Execute(sql, values));
        }
    }

    private static (long Tokens, long Sessions, long Revocations) Left(Database database) => database.Read(s => s.All("""
        SELECT (SELECT count(*) FROM "OpenIddictTokens" WHERE "ExpirationDate" < '2026-11-01'), (SELECT count(*) FROM "OpenIddictAuthorizations"), (SELECT count(*) FROM "Revocations")
        """, r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)))).Single();

    /// <summary>Clients that refresh, introspect and get tokens of their own, one request after another.</summary>
    private sealed class Load(TestServer server, string[] refreshTokens)
    {
        public string[] RefreshTokens => refreshTokens;

        public async Task<Figures> MeasureAsync(Task until)
        {
            var taken = new ConcurrentBag<TimeSpan>();
            await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
            {
                for (int n = i; !until.IsCompleted; n++)
                {
                    long start = Stopwatch.GetTimestamp();
                    await RequestAsync(n, i);
                    taken.Add(Stopwatch.GetElapsedTime(start));
                }
            })));
            return new Figures([.. taken.Order()]);
        }

        // Each client has a session of its own.
        private async Task RequestAsync(int n, int client)
        {
            Answer answer;
            if (n % 3 == 0) answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"));
            else if (n % 3 == 1) answer = await server.PostAsync("/connect/introspect", "web", ("token", refreshTokens[client]));
            else refreshTokens[client] = (answer = await server.RefreshAsync(refreshTokens[client]))["refresh_token"]!;
            answer.Status.Should().Be(200, answer.Body);
        }
    }

    private sealed record Figures(TimeSpan[] Sorted)
    {
        public TimeSpan P99 => Sorted[Sorted.Length * 99 / 100];
        public TimeSpan Longest => Sorted[^1];
        public override string ToString() => $"{Sorted.Length}, median {Sorted[Sorted.Length / 2].TotalMilliseconds:0.0} ms, p99 {P99.TotalMilliseconds:0.0} ms, longest {Longest.TotalMilliseconds:0.0} ms";
    }
}

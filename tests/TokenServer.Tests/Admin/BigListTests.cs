using System.Diagnostics;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Admin;

/// <summary>Lists of a million sessions and of as many audit entries (five million where <c>TOKENSERVER_TEST_AUDIT_ENTRIES</c> says so): the last page is as near as the first.</summary>
[Collection(Alone.Name)]
public sealed class BigListTests(ITestOutputHelper output)
{
    private const int Sessions = 1_000_000, Together = 250_000, Runs = 7;
    private static readonly int Entries = int.Parse(Environment.GetEnvironmentVariable("TOKENSERVER_TEST_AUDIT_ENTRIES") ?? "1000000");

    /// <summary>What a busy machine may add to a page of a few milliseconds.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromMilliseconds(15);

    // Sessions a hundred days long, one after another; every tenth has ended, a thousand accounts, the clients in turn.
    private const string FillSessions = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type")
        SELECT @p2+i*@p3, CASE (i/3)%4 WHEN 0 THEN @p4 ELSE @p5 END, '2026-11-21 12:00:00', '{"amr":"pwd"}', '["openid","api"]', CASE i%10 WHEN 3 THEN 'revoked' ELSE 'valid' END, CAST(i%1000+1 AS TEXT), 'permanent' FROM n
        """;

    // Entries over 400 days; a few events, actors and clients, many targets.
    private const string FillAudit = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "Audit" ("Id", "Time", "Event", "Actor", "Target", "ClientId", "Address", "Previous", "Hash")
        SELECT 1000+i, strftime('%Y-%m-%d %H:%M:%f', '2026-11-30', '+'||(i*@p2)||' seconds'), CASE WHEN i%100=7 THEN 'client.changed' ELSE 'session.started' END, CAST(i%1000+1 AS TEXT), CAST(i%5000 AS TEXT),
        CASE i%4 WHEN 0 THEN 'other' ELSE 'web' END, '192.0.2.1', 'Zm9yIGEgdGVzdCwgdGhlIGhhc2ggb2Ygbm8gdG9rZW4u', 'Zm9yIGEgdGVzdCwgdGhlIGhhc2ggb2Ygbm8gdG9rZW4u' FROM n
        """;

    [FullFact]
    public async Task The_last_page_of_every_list_is_as_near_as_the_first()
    {
        await using var admin = await AdminServer.StartAsync();
        await FillAsync(admin.Server);
        var slow = new List<string>();
        foreach (var (list, where) in Lists(admin.Server.Get<ClientRegistry>()))
        {
            var (first, middle, last) = await MeasureAsync(admin, list, where);
            output.WriteLine($"{list}: first {first.TotalMilliseconds:0.0} ms, middle {middle.TotalMilliseconds:0.0} ms, last {last.TotalMilliseconds:0.0} ms");
            if (Math.Max(last.Ticks, middle.Ticks) > 3 * first.Ticks + Allowance.Ticks || first > 10 * Allowance) slow.Add(list);
        }
        slow.Should().BeEmpty();
    }

    // Each list with the condition that its items meet.
    private static IEnumerable<(string List, string Where)> Lists(ClientRegistry clients)
    {
        string web = $"\"ApplicationId\"={clients.Find("web")!.Id}", other = $"\"ApplicationId\"={clients.Find("other")!.Id}";
        string early = $"\"Id\"<{TimeOrderedId.FirstAt(new DateTime(2026, 12, 30, 0, 0, 0, DateTimeKind.Utc))}", later = $"\"Id\">={TimeOrderedId.FirstAt(new DateTime(2026, 12, 30, 0, 0, 0, DateTimeKind.Utc))}";
        yield return ("/sessions", "true");
        yield return ("/sessions?user_id=7", "\"Subject\"='7'");
        yield return ("/users/3/sessions", "\"Subject\"='3'");
        yield return ("/sessions?client_id=web", web);
        yield return ("/sessions?status=active", "\"Status\"='valid'");
        yield return ("/sessions?status=ended", "\"Status\"='revoked'");
        yield return ("/sessions?user_id=4&client_id=other&status=ended", $"\"Subject\"='4' AND {other} AND \"Status\"='revoked'");
        yield return ("/sessions?client_id=web&status=ended", $"{web} AND \"Status\"='revoked'");
        yield return ("/sessions?from=2026-12-30T00:00:00Z", later);
        yield return ("/sessions?to=2026-12-30T00:00:00Z&status=active", $"{early} AND \"Status\"='valid'");
        yield return ("/audit", "\"Id\">=1000");
        yield return ("/audit?actor=7", "\"Actor\"='7'");
        yield return ("/audit?target=7", "\"Target\"='7'");
        yield return ("/audit?event=client.changed", "\"Event\"='client.changed'");
        yield return ("/audit?event=session.started", "\"Event\"='session.started'");
        yield return ("/audit?client_id=other", "\"ClientId\"='other'");
        yield return ("/audit?from=2027-03-01T00:00:00Z&to=2027-05-01T00:00:00Z", "\"Time\">='2027-03-01' AND \"Time\"<'2027-05-01'");
        yield return ("/audit?from=2026-11-25T00:00:00Z&to=2026-12-15T00:00:00Z", "\"Time\">='2026-11-25' AND \"Time\"<'2026-12-15'");
        yield return ("/audit?from=2027-12-01T00:00:00Z", "\"Time\">='2027-12-01'");
        yield return ("/audit?actor=8&event=client.changed", "\"Actor\"='8' AND \"Event\"='client.changed'");
        yield return ("/audit?actor=7&from=2027-03-01T00:00:00Z&to=2027-05-01T00:00:00Z", "\"Actor\"='7' AND \"Time\">='2027-03-01' AND \"Time\"<'2027-05-01'");
        yield return ("/audit?client_id=web&event=client.changed&from=2026-11-25T00:00:00Z&to=2027-05-01T00:00:00Z", "\"ClientId\"='web' AND \"Event\"='client.changed' AND \"Time\">='2026-11-25' AND \"Time\"<'2027-05-01'");
    }

    private async Task FillAsync(TestServer server)
    {
        var watch = Stopwatch.StartNew();
        var (database, clients) = (server.Get<Database>(), server.Get<ClientRegistry>());
        (long web, long other) = (clients.Find("web")!.Id, clients.Find("other")!.Id);
        // A little more than what was there, and one every 8.64 s.
        long from = TimeOrderedId.FirstAt(server.Clock.GetUtcNow().UtcDateTime.AddMinutes(1)), step = 8_640L << 22;
        for (int i = 0; i < Sessions; i += Together) await database.WriteAsync(s => s.Execute(FillSessions, i, i + Together, from, step, web, other));
        output.WriteLine($"{Sessions:N0} sessions in {watch.Elapsed.TotalSeconds:0.0} s");
        watch.Restart();
        double seconds = 400.0 * 86_400 / Entries;
        for (int i = 0; i < Entries; i += Together) await database.WriteAsync(s => s.Execute(FillAudit, i, i + Together, seconds));
        output.WriteLine($"{Entries:N0} audit entries in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    // The last pages are found as no caller could without walking there.
    private static async Task<(TimeSpan First, TimeSpan Middle, TimeSpan Last)> MeasureAsync(AdminServer admin, string list, string where)
    {
        string and = list.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        string table = list.StartsWith("/audit", StringComparison.Ordinal) ? "Audit" : "OpenIddictAuthorizations";
        var (oldest, middle) = Cursors(admin.Server.Get<Database>(), $"FROM \"{table}\" WHERE {where}");
        (await admin.ListAsync($"{list}{and}cursor={middle}")).Should().NotBeEmpty(list);
        var last = await admin.DoAsync($"GET {list}{and}cursor={oldest}");
        last.Json.GetProperty("next_cursor").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null, list);
        last.Json.GetProperty("items").GetArrayLength().Should().BeInRange(30, 50, list);
        return (await MedianAsync(admin, list), await MedianAsync(admin, $"{list}{and}cursor={middle}"), await MedianAsync(admin, $"{list}{and}cursor={oldest}"));
    }

    private static async Task<TimeSpan> MedianAsync(AdminServer admin, string path)
    {
        var taken = new List<TimeSpan>();
        for (int i = 0; i < Runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await admin.DoAsync("GET " + path);
            taken.Add(Stopwatch.GetElapsedTime(start));
        }
        return taken.Order().ElementAt(Runs / 2);
    }

    // The cursors of the page with the oldest thirty items, and of one amid all.
    private static (long Oldest, long Middle) Cursors(Database database, string from) => database.Read(s =>
    {
        long count = s.All($"SELECT count(*) {from}", r => r.GetInt64(0))[0];
        return (At(30), At(count / 2));

        long At(long offset) => s.All($"SELECT \"Id\" {from} ORDER BY \"Id\" LIMIT 1 OFFSET {offset}", r => r.GetInt64(0))[0];
    });
}

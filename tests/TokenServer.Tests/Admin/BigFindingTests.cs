using System.Diagnostics;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Admin;

/// <summary>Finding in a million sessions and in as many audit entries as <c>TOKENSERVER_TEST_AUDIT_ENTRIES</c> says (a million), of ten thousand users, on either database (docs/decisions/0039).</summary>
[Collection(Alone.Name)]
public sealed class BigFindingTests(ITestOutputHelper output)
{
    private const int Sessions = 1_000_000, Together = 50_000, Before = 8, Runs = 7;
    private static readonly int Entries = int.Parse(Environment.GetEnvironmentVariable("TOKENSERVER_TEST_AUDIT_ENTRIES") ?? "1000000"),
        Users = int.Parse(Environment.GetEnvironmentVariable("TOKENSERVER_TEST_USERS") ?? "10000");

    /// <summary>What a first page may take, by the clock or of the processors, and what a busy machine may add to either.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(20), Allowance = TimeSpan.FromMilliseconds(10);

    private const string FillUsers = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "AspNetUsers" ("Id", "Name", "NormalizedName", "Role", "CreatedAt", "TwoFactorFailedCount", "UserName", "NormalizedUserName", "Email", "NormalizedEmail", "EmailConfirmed", "PasswordHash", "SecurityStamp", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
        SELECT i, 'Person Number ' || i, 'PERSON NUMBER ' || i, u."Role", u."CreatedAt", 0, 'user' || i, 'USER' || i, 'user' || i || '@example.com', 'USER' || i || '@EXAMPLE.COM', u."EmailConfirmed", u."PasswordHash", 'stamp', u."PhoneNumberConfirmed", u."TwoFactorEnabled", u."LockoutEnabled", 0
        FROM n, "AspNetUsers" u WHERE u."UserName"='bob'
        """;

    // One account and one address have the oldest alone; every tenth session has ended.
    private const string FillSessions = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type", "Address")
        SELECT @p2+i*@p3, CASE (i/3)%4 WHEN 0 THEN @p4 ELSE @p5 END, @p6, '{"amr":"pwd"}', '["openid","api"]', CASE i%10 WHEN 3 THEN 'revoked' ELSE 'valid' END,
        CASE WHEN i<5000 THEN '7' ELSE CAST(i%@p7+10 AS TEXT) END, 'permanent', CASE WHEN i<5000 THEN '198.51.100.7' ELSE '10.' || (i%200) || '.' || (i%7) || '.1' END FROM n
        """;

    // No user comes twice in a row; one of two hundred entries is a refusal.
    private const string FillAudit = """
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1 < @p1)
        INSERT INTO "Audit" ("Id", "Time", "Event", "Actor", "Target", "ClientId", "Address", "Detail", "Previous", "Hash")
        SELECT 1000+i, {0}, CASE WHEN i%200=7 THEN 'sign_in.failed' WHEN i%100=8 THEN 'client.changed' ELSE 'session.started' END,
        CASE WHEN i%200=7 THEN NULL WHEN i<5000 THEN '7' ELSE CAST(i%@p3+10 AS TEXT) END, CASE WHEN i%200=7 THEN CAST(i%@p3+10 AS TEXT) ELSE 's' || (i%50000) END,
        CASE i%4 WHEN 0 THEN 'other' ELSE 'web' END, CASE WHEN i<5000 THEN '198.51.100.7' ELSE '10.' || (i%200) || '.' || (i%7) || '.1' END,
        CASE WHEN i%200=7 THEN CASE i%3 WHEN 0 THEN 'unknown_user' ELSE 'wrong_password' END ELSE NULL END, 'Zm9yIGEgdGVzdCwgdGhlIGhhc2ggb2Ygbm8gdG9rZW4u', 'Zm9yIGEgdGVzdCwgdGhlIGhhc2ggb2Ygbm8gdG9rZW4u' FROM n
        """;

    private static readonly string[] Lists =
    [
        "/users?q=user777%40ex", "/users?q=number%20777", "/users?q=nobody-like-this", "/users?q=example.com",
        "/sessions?q=user7777%40example", "/sessions?q=user77", "/sessions?q=example.com", "/sessions?q=other", "/sessions?q=198.51.100.", "/sessions?q=10.", "/sessions?q=10.7.",
        "/sessions?q=7", "/sessions?q=user7777%40example&status=ended", "/sessions?q=nobody-like-this", "/sessions?q=user77&sort=oldest", "/sessions", "/sessions?sort=oldest",
        "/audit?q=user7777%40example", "/audit?q=user77", "/audit?q=example.com", "/audit?q=other", "/audit?q=198.51.100.7", "/audit?q=10.7.", "/audit?q=10.",
        "/audit?q=session.st", "/audit?q=nobody-like-this", "/audit?group=refusals", "/audit?group=clients", "/audit?group=refusals&reason=wrong_password", "/audit?group=refusals&reason=locked",
        "/audit?q=user7777&group=refusals", "/audit?q=7", "/audit",
    ];

    [FullFact]
    public async Task The_first_page_of_whatever_is_looked_for_comes_at_once()
    {
        await using var admin = await AdminServer.StartAsync();
        await FillAsync(admin.Server);
        var slow = new List<string>();
        foreach (string list in Lists)
        {
            var (taken, processor, answer) = await MedianAsync(admin, list);
            string line = $"{list}: {taken.TotalMilliseconds:0.0} ms, processor {processor.TotalMilliseconds:0.0} ms, {answer.Json.GetProperty("items").GetArrayLength()} items, total {answer.Json.GetProperty("total")}";
            output.WriteLine(line);
            if (taken > Limit + Allowance && processor > Limit + Allowance) slow.Add(line);
        }
        DateTime end = new(2027, 12, 31, 0, 0, 0, DateTimeKind.Utc);
        var watch = Stopwatch.StartNew();
        var counts = admin.Server.Get<TokenServer.Audit.AuditLog>().CountByReason(end.AddDays(-30), end);
        output.WriteLine($"refusals of 30 days by reason: {watch.Elapsed.TotalMilliseconds:0.0} ms, {counts.Sum(c => c.Count)} of {counts.Count} reasons");
        slow.Should().BeEmpty();
    }

    private async Task FillAsync(TestServer server)
    {
        var watch = Stopwatch.StartNew();
        var (database, clients) = (server.Get<Database>(), server.Get<ClientRegistry>());
        (long web, long other) = (clients.Find("web")!.Id, clients.Find("other")!.Id);
        DateTime now = server.Clock.GetUtcNow().UtcDateTime;
        await database.WriteAsync(s => s.Execute(FillUsers, 7, 8));
        await database.WriteAsync(s => s.Execute(FillUsers, 10, 10 + Users));
        long from = TimeOrderedId.FirstAt(now.AddMinutes(1)), step = 8_640L << 22;
        for (int i = 0; i < Sessions; i += Together) await database.WriteAsync(s => s.Execute(FillSessions, i, i + Together, from, step, web, other, now, Users));
        string time = TestDatabases.ArePostgres ? "CAST('2026-11-30' AS timestamp) AT TIME ZONE 'UTC' + i*@p2*interval '1 second'" : "strftime('%Y-%m-%d %H:%M:%f', '2026-11-30', '+'||(i*@p2)||' seconds')";
        for (int i = 0; i < Entries; i += Together)
            await database.WriteAsync(s => s.Execute(FillAudit.Replace("{0}", time), i, i + Together, 400.0 * 86_400 / Entries, Users));
        // What PostgreSQL does by itself after a while; SQLite does without.
        if (TestDatabases.ArePostgres) database.Read(s => s.Execute("VACUUM ANALYZE"));
        output.WriteLine($"{Users:N0} users, {Sessions:N0} sessions, {Entries:N0} entries in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    private static async Task<(TimeSpan Taken, TimeSpan Processor, Answer)> MedianAsync(AdminServer admin, string path)
    {
        var (taken, processor) = (new List<TimeSpan>(), new List<TimeSpan>());
        // Plans are kept, and code is compiled, after some runs.
        Answer answer = await admin.DoAsync("GET " + path);
        for (int i = 1; i < Before; i++) await admin.DoAsync("GET " + path);
        var backends = Backends(admin.Server.Get<Database>());
        for (int i = 0; i < Runs; i++)
        {
            var used = Processor(backends);
            long start = Stopwatch.GetTimestamp();
            answer = await admin.DoAsync("GET " + path);
            taken.Add(Stopwatch.GetElapsedTime(start));
            processor.Add(Processor(backends) - used);
        }
        return (taken.Order().ElementAt(Runs / 2), processor.Order().ElementAt(Runs / 2), answer);
    }

    /// <summary>What this process, asking and answering, and PostgreSQL's for it, had of the processors.</summary>
    private static TimeSpan Processor(IReadOnlyList<string> backends) => Environment.CpuUsage.TotalTime
        + TimeSpan.FromMicroseconds(backends.Sum(file => long.Parse(File.ReadAllText(file).Split(' ')[0]) / 1000.0));

    private static List<string> Backends(Database database) => !TestDatabases.ArePostgres ? [] : database.Read(s =>
        s.All("SELECT pid FROM pg_stat_activity WHERE datname=current_database()", r => $"/proc/{r.GetInt32(0)}/schedstat")).FindAll(File.Exists);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tokens;
using Xunit.Abstractions;

namespace TokenServer.Tests.Transfers;

/// <summary>The transfer of a large installation: 100,000 users, 1,000 clients, 500,000 sessions and refresh tokens where <c>TOKENSERVER_TESTS_FULL</c> is 1, else a twentieth.</summary>
[Collection(Alone.Name)]
public sealed partial class BigTransferTests(ITestOutputHelper output)
{
    private const int Sample = 200;
    private static readonly int Users = Scale.IsFull ? 100_000 : 5_000, Clients = Scale.IsFull ? 1_000 : 50, Sessions = Scale.IsFull ? 500_000 : 25_000;

    /// <summary>Copies of what is there: accounts like bob, clients like web.</summary>
    private const string FillUsers = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < @p0)
        INSERT INTO "AspNetUsers" ("Name", "Role", "CreatedAt", "TwoFactorFailedCount", "UserName", "NormalizedUserName", "Email", "NormalizedEmail", "EmailConfirmed", "PasswordHash", "SecurityStamp", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
        SELECT 'User ' || i, u."Role", u."CreatedAt", 0, 'user' || i, 'USER' || i, 'user' || i || '@example.com', 'USER' || i || '@EXAMPLE.COM', 0, u."PasswordHash", hex(randomblob(16)), 0, 0, 1, 0
        FROM n, "AspNetUsers" u WHERE u."UserName"='bob'
        """;
    private const string FillClients = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < @p0)
        INSERT INTO "OpenIddictApplications" ("Id", "ApplicationType", "ClientId", "ClientSecret", "ClientType", "ConsentType", "DisplayName", "Permissions", "Properties", "Requirements", "Settings")
        SELECT a."Id"+i, a."ApplicationType", 'client' || i, a."ClientSecret", a."ClientType", a."ConsentType", a."DisplayName", a."Permissions", a."Properties", a."Requirements", a."Settings"
        FROM n, "OpenIddictApplications" a WHERE a."ClientId"='web'
        """;
    private const string FillSessions = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < @p0)
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type")
        SELECT @p1+i*@p2, @p3, @p4, '{"amr":"pwd"}', '["openid","offline_access","api"]', 'valid', CAST(i%@p5+1 AS TEXT), 'permanent' FROM n
        """;
    private const string FillTokens = """
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "AuthorizationId", "CreationDate", "ExpirationDate", "Payload", "Status", "Subject", "Type")
        SELECT a."Id"+1, a."ApplicationId", a."Id", a."CreationDate", @p0, substr(hex(randomblob(22)), 1, 43), 'valid', a."Subject", 'refresh_token' FROM "OpenIddictAuthorizations" a WHERE a."Id" > @p1
        """;

    [TransferFact]
    public async Task A_large_installation_arrives_whole_and_its_refresh_tokens_go_on()
    {
        await using var transfer = await Transferring.CreateAsync();
        var watch = Stopwatch.StartNew();
        var tokens = await FillAsync(transfer);
        output.WriteLine($"filled in {watch.Elapsed.TotalSeconds:0.0} s");
        watch.Restart();
        var (code, said) = await transfer.RunAsync();
        watch.Stop();
        code.Should().Be(0, said);
        long rows = long.Parse(Rows().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
        output.WriteLine($"{rows:N0} rows transferred in {watch.Elapsed.TotalSeconds:0.0} s, {rows / watch.Elapsed.TotalSeconds:N0} a second");
        rows.Should().BeGreaterThan(2 * Sessions + Users + Clients);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromMinutes(1));

        var target = await transfer.StartTargetAsync();
        foreach (string token in tokens)
        {
            var refreshed = await target.RefreshAsync(token);
            refreshed.Status.Should().Be(200, refreshed.Body);
            (await target.IsActiveAsync(refreshed["access_token"]!)).Should().BeTrue();
        }
        (await target.SignInAsync($"client{Clients}", $"user{Users}")).Status.Should().Be(200);
    }

    // The tokens whose secrets are known, spread over all.
    private static async Task<List<string>> FillAsync(Transferring transfer)
    {
        var source = await transfer.StartSourceAsync();
        DateTime now = transfer.Clock.GetUtcNow().UtcDateTime;
        transfer.Clock.Advance(TimeSpan.FromSeconds(1));
        // By turns a session's id and its token's; a second has room for millions.
        long first = TimeOrderedId.FirstAt(now), step = 2, web = source.Get<ClientRegistry>().Find("web")!.Id;
        var tokens = new List<string>();
        await source.Get<Database>().WriteAsync(s =>
        {
            s.Execute(FillUsers, Users);
            s.Execute(FillClients, Clients);
            s.Execute(FillSessions, Sessions, first, step, web, now, Users);
            s.Execute(FillTokens, now.AddDays(10), first);
            for (long i = 1; i <= Sample; i++)
            {
                var token = ReferenceToken.Create(first + i * (Sessions / Sample) * step + 1);
                s.Execute("""UPDATE "OpenIddictTokens" SET "Payload"=@p1 WHERE "Id"=@p0""", token.Id, token.Hash).Should().Be(1);
                tokens.Add(token.ToText(ReferenceToken.Refresh));
            }
        });
        await source.StopAsync();
        return tokens;
    }

    [GeneratedRegex(@"^(\d+) rows are there", RegexOptions.Multiline)]
    private static partial Regex Rows();
}

using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tokens;

namespace TokenServer.Tests.Storage;

/// <summary>A hundred thousand stored sessions with their refresh tokens, and what is asked of them: each must find its few rows without walking through the others.</summary>
internal sealed class ManySessions
{
    public const int Count = 100_000, Users = 10_000, Repeats = 10;
    private const int Janes = 20_000, Others = 1_000, Ended = 500;

    // The oldest are one account's, one client's, and those that have ended: whoever begins with the newest has far to go.
    private const string FillUsers = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < @p0)
        INSERT INTO "AspNetUsers" ("Role", "CreatedAt", "TwoFactorFailedCount", "UserName", "NormalizedUserName", "Email", "NormalizedEmail", "EmailConfirmed", "PasswordHash", "SecurityStamp", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
        SELECT u."Role", u."CreatedAt", 0, 'user' || i, 'USER' || i, 'user' || i || '@example.com', 'USER' || i || '@EXAMPLE.COM', u."EmailConfirmed", u."PasswordHash", 'stamp', u."PhoneNumberConfirmed", u."TwoFactorEnabled", u."LockoutEnabled", 0
        FROM n, "AspNetUsers" u WHERE u."UserName"='bob'
        """;
    private const string FillSessions = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 100000)
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type")
        SELECT @p0+i*2, CASE WHEN i<=@p5 THEN @p2 ELSE @p1 END, @p3, '{"amr":"pwd"}', '["openid","offline_access","api"]', CASE WHEN i<=@p6 THEN 'revoked' ELSE 'valid' END, CASE WHEN i<=@p4 THEN '1' ELSE CAST(i%@p7+2 AS TEXT) END, 'permanent' FROM n
        """;
    private const string FillTokens = """
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "AuthorizationId", "CreationDate", "ExpirationDate", "Payload", "Status", "Subject", "Type")
        SELECT a."Id"+1, a."ApplicationId", a."Id", a."CreationDate", @p0, '', 'valid', a."Subject", 'refresh_token' FROM "OpenIddictAuthorizations" a
        """;
    private readonly TestServer server;
    private readonly Queue<string> tokens = new();
    private readonly long other;

    private ManySessions(TestServer server) => (this.server, other) = (server, server.Get<ClientRegistry>().Find("other")!.Id);

    /// <summary>Fills the server's database.</summary>
    public static async Task<ManySessions> FillAsync(TestServer server)
    {
        var all = new ManySessions(server);
        // After the clients were made, and before what comes next; a second has room for millions of ids.
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        DateTime now = server.Clock.GetUtcNow().UtcDateTime;
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (long first, long web) = (TimeOrderedId.FirstAt(now), server.Get<ClientRegistry>().Find("web")!.Id);
        await server.Get<Database>().WriteAsync(s =>
        {
            s.Execute(FillUsers, Users);
            s.Execute(FillSessions, first, web, all.other, now, Janes, Others, Ended, Users);
            s.Execute(FillTokens, now.AddDays(10));
            for (int i = 1; i <= 10 * Repeats; i++)
            {
                var token = ReferenceToken.Create(first + (Janes + 700 * i) * 2 + 1);
                s.Execute("""UPDATE "OpenIddictTokens" SET "Payload"=@p1 WHERE "Id"=@p0""", token.Id, token.Hash).Should().Be(1);
                all.tokens.Enqueue(token.ToText(ReferenceToken.Refresh));
            }
        });
        return all;
    }

    /// <summary>What is asked, by name; on a server of the same database if another is given.</summary>
    public IEnumerable<(string Name, Func<TestServer, Task> Do)> Flows()
    {
        string jwt = "", opaque = "";
        yield return ("client_credentials", async s => jwt = await s.WorkerTokenAsync());
        yield return ("opaque token", async s => opaque = await s.WorkerTokenAsync("opaque"));
        yield return ("introspection of a JWT", async s => (await s.IsActiveAsync(jwt)).Should().BeTrue());
        yield return ("introspection of an opaque token", async s => (await s.IsActiveAsync(opaque)).Should().BeTrue());
        yield return ("introspection of a refresh token", async s => (await s.IsActiveAsync(tokens.Peek(), "web")).Should().BeTrue());
        yield return ("refresh", async s => (await s.RefreshAsync(tokens.Dequeue())).Status.Should().Be(200));
        yield return ("revocation", async s => (await s.PostAsync("/connect/revoke", "web", ("token", tokens.Dequeue()))).Status.Should().Be(200));
        yield return ("password", async s => (await s.SignInAsync(user: "user77")).Status.Should().Be(200));
        yield return ("an account's sessions", s => Listed(s.Get<OpenSessions>().Of(1).Count));
        yield return ("end of an account's sessions", s => s.Get<Database>().WriteAsync(w => s.Get<UserSessions>().EndAll(w, 4_000, null).Count));
        yield return ("list of sessions", s => Listed(s, new SessionFilter()));
        yield return ("list of an account's", s => Listed(s, new SessionFilter(AccountId: 1)));
        yield return ("list of a client's", s => Listed(s, new SessionFilter(ClientRow: other)));
        yield return ("list of ended ones", s => Listed(s, new SessionFilter(Status: "ended")));
        yield return ("list of an account's ended ones", s => Listed(s, new SessionFilter(AccountId: 4_001, Status: "active")));
        yield return ("what a disabled account ends", s => Listed((int)s.Get<BlastRadii>().OfAccount(4_002).Sessions));
    }

    private static Task Listed(TestServer server, SessionFilter filter) => Listed(server.Get<SessionList>().List(filter, null, 50).Count);

    private static Task Listed(int count)
    {
        count.Should().BePositive();
        return Task.CompletedTask;
    }
}

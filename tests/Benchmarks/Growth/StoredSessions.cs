using System.Buffers.Binary;
using System.Buffers.Text;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Benchmarks.Servers;

namespace Benchmarks.Growth;

/// <summary>Fills a server's database, which has the schema and the import, with sessions and a refresh token for each; of some the secrets are known.</summary>
internal static class StoredSessions
{
    /// <summary>How many sessions an account has.</summary>
    public const int OfAccount = 10;

    // The two statements that say how, so that both databases understand them; ids follow that of the client, by turns a session's and its token's.
    private const string Series = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < {0})";
    private const string FillUsers = Series + """
        INSERT INTO "AspNetUsers" ("Role", "CreatedAt", "TwoFactorFailedCount", "UserName", "NormalizedUserName", "Email", "NormalizedEmail", "EmailConfirmed", "PasswordHash", "SecurityStamp", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
        SELECT u."Role", u."CreatedAt", 0, 'user' || i, 'USER' || i, 'user' || i || '@example.com', 'USER' || i || '@EXAMPLE.COM', u."EmailConfirmed", u."PasswordHash", 'stamp', u."PhoneNumberConfirmed", u."TwoFactorEnabled", u."LockoutEnabled", 0
        FROM n, "AspNetUsers" u WHERE u."Id"=1
        """;
    private const string FillSessions = Series + """
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type")
        SELECT c."Id"+2*i, c."Id", u."CreatedAt", '{{"amr":"pwd"}}', '["offline_access","api"]', 'valid', CAST(i%{1}+1 AS TEXT), 'permanent' FROM n, "OpenIddictApplications" c, "AspNetUsers" u WHERE c."ClientId"='bench' AND u."Id"=1
        """;
    private const string FillTokens = """
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "AuthorizationId", "CreationDate", "ExpirationDate", "Payload", "Status", "Subject", "Type")
        SELECT a."Id"+1, a."ApplicationId", a."Id", a."CreationDate", '{0}', 'jZae727K08KaOmKSgOaGzww_XVqGr_PKEgIMkjrcbJI', 'valid', a."Subject", 'refresh_token' FROM "OpenIddictAuthorizations" a
        """;

    /// <summary>Fills it; the refresh tokens whose secrets are known, spread over all.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="count">How many sessions.</param>
    /// <param name="known">How many known tokens.</param>
    public static string[] Fill(DbConnection connection, int count, int known)
    {
        int users = count / OfAccount;
        using var transaction = connection.BeginTransaction();
        Execute(connection, Format(FillUsers, users - 1));
        Execute(connection, Format(FillSessions, count, users));
        string end = TimeProvider.System.GetUtcNow().AddDays(9).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        Execute(connection, Format(FillTokens, end));
        long client = (long)Execute(connection, $"""SELECT "Id" FROM "OpenIddictApplications" WHERE "ClientId"='{TokenServerProcess.ClientId}'""")!;
        string[] tokens = [.. Enumerable.Range(0, known).Select(i => Know(connection, client + 2L * (1 + (long)i * count / known) + 1))];
        transaction.Commit();
        // What PostgreSQL does by itself after a while; SQLite does without.
        if (connection is not Microsoft.Data.Sqlite.SqliteConnection) Execute(connection, "VACUUM ANALYZE");
        return tokens;
    }

    private static string Know(DbConnection connection, long id)
    {
        byte[] token = new byte[32];
        BinaryPrimitives.WriteInt64BigEndian(token, id);
        RandomNumberGenerator.Fill(token.AsSpan(8));
        Execute(connection, $"""UPDATE "OpenIddictTokens" SET "Payload"='{Base64Url.EncodeToString(SHA256.HashData(token.AsSpan(8)))}' WHERE "Id"={id}""");
        return "rt_" + Base64Url.EncodeToString(token);
    }

    private static string Format(string sql, params object[] values) => string.Format(CultureInfo.InvariantCulture, sql, values);

    private static object? Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}

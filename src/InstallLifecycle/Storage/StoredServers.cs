using System.Data.Common;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Storage;

/// <summary>The servers' table.</summary>
internal static class StoredServers
{
    private const string Columns = """
        s."Id", s."ServerId", s."ActivationId", s."TokenHash", s."TokenCreatedAt", s."Hostname", s."PublicIp", s."AgentVersion",
        s."RegisteredAt", s."LastCheckinAt", s."RevokedAt", s."CheckinKeyHash", s."UsedKeyHash", s."CheckinSalt", s."CheckinNonceHash",
        s."CloneSuspectedAt", s."RekeyAllowedAt", s."Registrations", s."Version", s."RekeyedAt"
        """;
    private const string WithInstallSql = $"""
        SELECT {Columns}, a."Status", a."ExpiresAt", a."ActivatedAt"
        FROM "InstallServers" s LEFT JOIN "InstallActivations" a ON a."Id"=s."ActivationId" WHERE s."Id"=@p0
        """;
    private const string ByIdSql = $"""SELECT {Columns} FROM "InstallServers" s WHERE s."ServerId"=@p0""";
    private const string OfActivationSql = $"""SELECT {Columns} FROM "InstallServers" s WHERE s."ActivationId"=@p0""";
    private const string InsertSql = """
        INSERT INTO "InstallServers" ("ServerId", "ActivationId", "TokenHash", "TokenCreatedAt", "Hostname", "PublicIp", "AgentVersion",
        "RegisteredAt", "CheckinKeyHash", "Registrations", "Version") VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, 0)
        RETURNING "Id"
        """;
    private const string SaveSql = """
        UPDATE "InstallServers" SET "TokenHash"=@p0, "TokenCreatedAt"=@p1, "Hostname"=@p2, "PublicIp"=@p3, "AgentVersion"=@p4,
        "RevokedAt"=@p5, "CheckinKeyHash"=@p6, "UsedKeyHash"=@p7, "CheckinSalt"=@p8, "CheckinNonceHash"=@p9, "CloneSuspectedAt"=@p10,
        "RekeyAllowedAt"=@p11, "Registrations"=@p12, "RekeyedAt"=@p13, "Version"="Version"+1 WHERE "Id"=@p14 AND "Version"=@p15
        """;
    private const string DeleteSql = """
        DELETE FROM "InstallServers" WHERE "Id" IN
        (SELECT "Id" FROM "InstallServers" WHERE "RevokedAt"<@p0 ORDER BY "RevokedAt" LIMIT @p1)
        """;

    /// <summary>Notes a check-in, if the server is still what was read of it: when, what has changed of it (nulls for what has not), the
    /// ratchet's hashes and salt; of which row, with which hash of its token, and which of the key that was due.</summary>
    public const string CheckInSql = """
        UPDATE "InstallServers" SET "LastCheckinAt"=@p0, "Hostname"=coalesce(@p1, "Hostname"), "PublicIp"=coalesce(@p2, "PublicIp"),
        "AgentVersion"=coalesce(@p3, "AgentVersion"), "CheckinKeyHash"=@p4, "UsedKeyHash"=@p5, "CheckinSalt"=@p6, "CheckinNonceHash"=@p7,
        "RekeyAllowedAt"=NULL, "Version"="Version"+1
        WHERE "Id"=@p8 AND "TokenHash"=@p9 AND "RevokedAt" IS NULL AND "CloneSuspectedAt" IS NULL AND coalesce("CheckinKeyHash", '')=@p10
        """;

    public static ServerRow? Find(IInstallStatements s, string serverId) => s.First(ByIdSql, Read, serverId);

    /// <summary>The server in row <paramref name="row"/>, revoked also if its install has run out of time.</summary>
    public static ServerRow? Find(IInstallStatements s, long row, DateTime now) =>
        s.First(WithInstallSql, r => ReadWithInstall(r, now), row);

    /// <summary>The server of an activation, by the number of that one's row.</summary>
    public static ServerRow? OfActivation(IInstallStatements s, long activation) => s.First(OfActivationSql, Read, activation);

    public static void Add(IInstallStatements s, ServerRow v) => v.Id = s.Insert(InsertSql, v.ServerId, v.ActivationId, v.TokenHash,
        v.TokenCreatedAt, v.Hostname, v.PublicIp, v.AgentVersion, v.RegisteredAt, v.CheckinKeyHash, v.Registrations);

    /// <summary>Writes down what has become of a server since it was read.</summary>
    public static void Save(IInstallStatements s, ServerRow v) => Row.ExpectOne(
        s.Execute(SaveSql, v.TokenHash, v.TokenCreatedAt, v.Hostname, v.PublicIp, v.AgentVersion, v.RevokedAt, v.CheckinKeyHash,
            v.UsedKeyHash, v.CheckinSalt, v.CheckinNonceHash, v.CloneSuspectedAt, v.RekeyAllowedAt, v.Registrations,
            v.RekeyedAt, v.Id, v.Version++));

    /// <summary>Deletes what was revoked before <paramref name="cutoff"/>; how many.</summary>
    public static int Delete(IInstallStatements s, DateTime cutoff, int most) => s.Execute(DeleteSql, cutoff, most);

    private static ServerRow ReadWithInstall(DbDataReader r, DateTime now)
    {
        var server = Read(r);
        // An install that ran out of time unconfirmed takes its server with it, also before the job has written that down.
        if (Row.TextOrNull(r, 20) == ActivationRow.Activated && Row.Time(r, 21) is var end
            && (end <= now || StoredTime.IsAhead(Row.Time(r, 22), now))) server.RevokedAt ??= end;
        return server;
    }

    private static ServerRow Read(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), ServerId = r.GetString(1), ActivationId = r.GetInt64(2), TokenHash = r.GetString(3),
        TokenCreatedAt = Row.Time(r, 4), Hostname = r.GetString(5), PublicIp = r.GetString(6), AgentVersion = r.GetString(7),
        RegisteredAt = Row.Time(r, 8), LastCheckinAt = Row.TimeOrNull(r, 9), RevokedAt = Row.TimeOrNull(r, 10),
        CheckinKeyHash = Row.TextOrNull(r, 11), UsedKeyHash = Row.TextOrNull(r, 12), CheckinSalt = Row.TextOrNull(r, 13),
        CheckinNonceHash = Row.TextOrNull(r, 14), CloneSuspectedAt = Row.TimeOrNull(r, 15), RekeyAllowedAt = Row.TimeOrNull(r, 16),
        Registrations = r.GetInt32(17), Version = r.GetInt32(18), RekeyedAt = Row.TimeOrNull(r, 19),
    };
}

using System.Data.Common;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Storage;

/// <summary>The codes' table.</summary>
internal static class StoredCodes
{
    private const string Select = """
        SELECT "Id", "Hash", "Hint", "Status", "IssuedAt", "ExpiresAt", "EndedAt", "AddressKey", "Session", "Fingerprint", "MachineId",
        "SshFingerprint", "Binding", "Version" FROM "InstallCodes"
        """;
    private const string ByIdSql = $"""{Select} WHERE "Id"=@p0""", ByHashSql = $"""{Select} WHERE "Hash"=@p0""";
    private const string UnconfirmedSql = $"""
        {Select} WHERE "Status" IN ('{CodeRow.Issued}', '{CodeRow.Prechecked}', '{CodeRow.Activated}') ORDER BY "Id" LIMIT @p0
        """;
    private const string RunOutSql = $"""
        {Select} WHERE "Status" IN ('{CodeRow.Issued}', '{CodeRow.Prechecked}') AND ("ExpiresAt"<=@p0 OR "IssuedAt">@p1)
        ORDER BY "ExpiresAt" LIMIT @p2
        """;
    private const string InsertSql = """
        INSERT INTO "InstallCodes" ("Hash", "Hint", "Status", "IssuedAt", "ExpiresAt", "AddressKey", "Session", "Fingerprint", "Binding",
        "Version") VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, 0, 0) RETURNING "Id"
        """;
    private const string SaveSql = """
        UPDATE "InstallCodes" SET "Status"=@p0, "ExpiresAt"=@p1, "EndedAt"=@p2, "MachineId"=@p3, "SshFingerprint"=@p4, "Binding"=@p5,
        "Version"="Version"+1 WHERE "Id"=@p6 AND "Version"=@p7
        """;
    private const string DeleteSql = """
        DELETE FROM "InstallCodes" WHERE "Id" IN (SELECT "Id" FROM "InstallCodes" WHERE "EndedAt"<@p0 ORDER BY "EndedAt" LIMIT @p1)
        """;

    public static CodeRow? Find(IInstallStatements s, long id) => s.First(ByIdSql, Read, id);

    public static CodeRow? Find(IInstallStatements s, string hash) => s.First(ByHashSql, Read, hash);

    public static List<CodeRow> Unconfirmed(IInstallStatements s, int most) => s.All(UnconfirmedSql, Read, most);

    /// <summary>Those that nobody has used in time.</summary>
    public static List<CodeRow> RunOut(IInstallStatements s, DateTime now, int most) =>
        s.All(RunOutSql, Read, now, now + StoredTime.Skew, most);

    public static void Add(IInstallStatements s, CodeRow c) =>
        c.Id = s.Insert(InsertSql, c.Hash, c.Hint, c.Status, c.IssuedAt, c.ExpiresAt, c.AddressKey, c.Session, c.Fingerprint);

    /// <summary>Writes down what has become of a code since it was read.</summary>
    public static void Save(IInstallStatements s, CodeRow c) => Row.ExpectOne(
        s.Execute(SaveSql, c.Status, c.ExpiresAt, c.EndedAt, c.MachineId, c.SshFingerprint, c.Binding, c.Id, c.Version++));

    /// <summary>Deletes what ended before <paramref name="cutoff"/>; how many.</summary>
    public static int Delete(IInstallStatements s, DateTime cutoff, int most) => s.Execute(DeleteSql, cutoff, most);

    private static CodeRow Read(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), Hash = r.GetString(1), Hint = r.GetString(2), Status = r.GetString(3), IssuedAt = Row.Time(r, 4),
        ExpiresAt = Row.Time(r, 5), EndedAt = Row.TimeOrNull(r, 6), AddressKey = r.GetString(7), Session = r.GetString(8),
        Fingerprint = r.GetString(9), MachineId = Row.TextOrNull(r, 10), SshFingerprint = Row.TextOrNull(r, 11),
        Binding = r.GetInt32(12), Version = r.GetInt32(13),
    };
}

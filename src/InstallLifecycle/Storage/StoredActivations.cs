using System.Data.Common;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Storage;

/// <summary>The activations' table.</summary>
internal static class StoredActivations
{
    private const string Select = """
        SELECT "Id", "ActivationId", "CodeId", "Status", "MachineId", "SshFingerprint", "Hostname", "PublicIp", "RequestedRef",
        "InstallerVersion", "ActivatedAt", "ExpiresAt", "EndedAt", "ClientId", "HostKeyProven", "ReleaseReason", "Receipt", "Repeats",
        "Version" FROM "InstallActivations"
        """;
    private const string ByRowSql = $"""{Select} WHERE "Id"=@p0""", ByIdSql = $"""{Select} WHERE "ActivationId"=@p0""";
    private const string LiveSql = $"""{Select} WHERE "CodeId"=@p0 AND "Status"='{ActivationRow.Activated}'""";
    private const string RunOutSql = $"""
        {Select} WHERE "Status"='{ActivationRow.Activated}' AND ("ExpiresAt"<=@p0 OR "ActivatedAt">@p1) ORDER BY "ExpiresAt" LIMIT @p2
        """;
    private const string OfSessionSql = $"""
        {Select} WHERE "ActivationId"=@p0
        AND EXISTS (SELECT 1 FROM "InstallCodes" c WHERE c."Id"="InstallActivations"."CodeId" AND c."Session"=@p1)
        """;
    private const string InsertSql = """
        INSERT INTO "InstallActivations" ("ActivationId", "CodeId", "Status", "MachineId", "SshFingerprint", "Hostname", "PublicIp",
        "RequestedRef", "InstallerVersion", "ActivatedAt", "ExpiresAt", "ClientId", "HostKeyProven", "Repeats", "Version")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, 0, 0)
        """;
    private const string SaveSql = """
        UPDATE "InstallActivations" SET "Status"=@p0, "ExpiresAt"=@p1, "EndedAt"=@p2, "HostKeyProven"=@p3, "ReleaseReason"=@p4,
        "Receipt"=@p5, "Repeats"=@p6, "Version"="Version"+1 WHERE "Id"=@p7 AND "Version"=@p8
        """;
    private const string EndedSql = """
        SELECT a."Id" FROM "InstallActivations" a WHERE a."EndedAt"<@p0
        AND NOT EXISTS (SELECT 1 FROM "InstallServers" s WHERE s."ActivationId"=a."Id") ORDER BY a."Id" LIMIT @p1
        """;
    private const string DeleteSql = """DELETE FROM "InstallActivations" WHERE "Id"=@p0""";

    /// <summary>The activation with the id that its installer knows.</summary>
    public static ActivationRow? Find(IInstallStatements s, string id) => s.First(ByIdSql, Read, id);

    /// <summary>The activation in row <paramref name="row"/>.</summary>
    public static ActivationRow? Find(IInstallStatements s, long row) => s.First(ByRowSql, Read, row);

    /// <summary>The activation with an id, if its code was issued in a browser session, as the code's row has it.</summary>
    public static ActivationRow? Find(IInstallStatements s, string id, string session) => s.First(OfSessionSql, Read, id, session);

    /// <summary>The activation of a code, while it is neither confirmed nor ended.</summary>
    public static ActivationRow? Live(IInstallStatements s, long codeId) => s.First(LiveSql, Read, codeId);

    /// <summary>Those that were not confirmed in time.</summary>
    public static List<ActivationRow> RunOut(IInstallStatements s, DateTime now, int most) =>
        s.All(RunOutSql, Read, now, now + StoredTime.Skew, most);

    public static void Add(IInstallStatements s, ActivationRow a) => s.Execute(InsertSql, a.ActivationId, a.CodeId, a.Status, a.MachineId,
        a.SshFingerprint, a.Hostname, a.PublicIp, a.RequestedRef, a.InstallerVersion, a.ActivatedAt, a.ExpiresAt, a.ClientId,
        a.HostKeyProven);

    /// <summary>Writes down what has become of an activation since it was read.</summary>
    public static void Save(IInstallStatements s, ActivationRow a) => Row.ExpectOne(s.Execute(SaveSql, a.Status, a.ExpiresAt, a.EndedAt,
        a.HostKeyProven, a.ReleaseReason, a.Receipt, a.Repeats, a.Id, a.Version++));

    /// <summary>The rows of those that ended before <paramref name="cutoff"/> and have no server.</summary>
    public static List<long> Ended(IInstallStatements s, DateTime cutoff, int most) => s.All(EndedSql, r => r.GetInt64(0), cutoff, most);

    /// <summary>Deletes rows; how many were there.</summary>
    public static int Delete(IInstallStatements s, List<long> rows) => rows.Sum(row => s.Execute(DeleteSql, row));

    private static ActivationRow Read(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), ActivationId = r.GetString(1), CodeId = r.GetInt64(2), Status = r.GetString(3), MachineId = r.GetString(4),
        SshFingerprint = r.GetString(5), Hostname = r.GetString(6), PublicIp = r.GetString(7), RequestedRef = r.GetString(8),
        InstallerVersion = r.GetString(9), ActivatedAt = Row.Time(r, 10), ExpiresAt = Row.Time(r, 11), EndedAt = Row.TimeOrNull(r, 12),
        ClientId = Row.TextOrNull(r, 13), HostKeyProven = r.GetBoolean(14), ReleaseReason = Row.TextOrNull(r, 15),
        Receipt = Row.TextOrNull(r, 16), Repeats = r.GetInt32(17), Version = r.GetInt32(18),
    };
}

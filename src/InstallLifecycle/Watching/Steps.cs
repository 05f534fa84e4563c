using System.Data.Common;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Watching;

/// <summary>The steps' table: what a browser session is told of its installs.</summary>
internal sealed class Steps(IInstallStorage storage)
{
    /// <summary>So many are read at once.</summary>
    public const int Batch = 100;

    private const string Select = """
        SELECT "Id", "Session", "Hint", "Name", "Time", "Machine", "Key", "Hostname", "Reason", "ActivationId", "IsRestored"
        FROM "InstallSteps" WHERE "Session"=@p0
        """;
    private const string AfterSql = $"""{Select} AND "Id">@p1 ORDER BY "Id" LIMIT @p2""";
    private const string LastSql = $"""{Select} ORDER BY "Id" DESC LIMIT @p1""";
    private const string SinceSql = """SELECT "Id", "Session" FROM "InstallSteps" WHERE "Id">@p0 ORDER BY "Id" """;
    private const string LastIdSql = """SELECT coalesce(max("Id"), 0) FROM "InstallSteps" """;
    private const string InsertSql = """
        INSERT INTO "InstallSteps" ("Session", "Hint", "Name", "Time", "Machine", "Key", "Hostname", "Reason", "ActivationId",
        "IsRestored") VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)
        """;
    private const string DeleteSql = """
        DELETE FROM "InstallSteps" WHERE "Id" IN
        (SELECT "Id" FROM "InstallSteps" WHERE "Time"<@p0 OR "Time">@p1 ORDER BY "Time" LIMIT @p2)
        """;

    /// <summary>Adds a step to the transaction of what it tells of.</summary>
    public static void Add(IInstallStatements s, IInstallEvents events, StepRow step)
    {
        s.Execute(InsertSql, step.Session, step.Hint, step.Name, step.Time, step.Machine, step.Key, step.Hostname, step.Reason,
            step.ActivationId, step.IsRestored);
        events.TellWatchers();
    }

    /// <summary>Deletes those of before <paramref name="cutoff"/>; how many.</summary>
    public static int Delete(IInstallStatements s, DateTime cutoff, DateTime now, int most) =>
        s.Execute(DeleteSql, cutoff, now + StoredTime.Skew, most);

    /// <summary>The next steps of a session after number <paramref name="since"/>, the oldest first.</summary>
    public IReadOnlyList<StepRow> After(string session, long since) =>
        storage.Find(s => s.All(AfterSql, Read, session, since, Batch));

    /// <summary>The last steps of a session, the oldest first.</summary>
    public IReadOnlyList<StepRow> Last(string session) =>
        storage.Find(s => s.All(LastSql, Read, session, Batch)).AsEnumerable().Reverse().ToList();

    /// <summary>The last number that was given out, and whose steps came after <paramref name="since"/>.</summary>
    public (long Last, IReadOnlyList<string> Sessions) Since(long? since)
    {
        if (since is not { } after) return (storage.Find(s => s.All(LastIdSql, r => r.GetInt64(0)))[0], []);
        var tail = storage.Find(s => s.All(SinceSql, r => (Id: r.GetInt64(0), Session: r.GetString(1)), after));
        return (tail.Count == 0 ? after : tail[^1].Id, [.. tail.Select(s => s.Session).Distinct()]);
    }

    private static StepRow Read(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), Session = r.GetString(1), Hint = r.GetString(2), Name = r.GetString(3), Time = Row.Time(r, 4),
        Machine = Row.TextOrNull(r, 5), Key = Row.TextOrNull(r, 6), Hostname = Row.TextOrNull(r, 7), Reason = Row.TextOrNull(r, 8),
        ActivationId = Row.TextOrNull(r, 9), IsRestored = r.IsDBNull(10) ? null : r.GetBoolean(10),
    };
}

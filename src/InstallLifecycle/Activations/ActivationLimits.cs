namespace InstallLifecycle.Activations;

/// <summary>How often activations may be asked for in a day, by address and by machine (contract section 5, route 4); the table of the
/// requests that count.</summary>
internal sealed class ActivationLimits(InstallLifecycleOptions options)
{
    private const string OfAddressSql = """
        SELECT "Time" FROM "InstallAttempts" WHERE "AddressKey"=@p0 AND "Time">@p1 AND "Time"<=@p2 ORDER BY "Time" DESC LIMIT 1 OFFSET @p3
        """;
    private const string OfMachineSql = """
        SELECT "Time" FROM "InstallAttempts" WHERE "MachineId"=@p0 AND "Time">@p1 AND "Time"<=@p2 ORDER BY "Time" DESC LIMIT 1 OFFSET @p3
        """;
    private const string InsertSql = """INSERT INTO "InstallAttempts" ("Time", "AddressKey", "MachineId") VALUES (@p0, @p1, @p2)""";
    private const string DeleteSql = """
        DELETE FROM "InstallAttempts" WHERE "Id" IN
        (SELECT "Id" FROM "InstallAttempts" WHERE "Time"<@p0 OR "Time">@p1 ORDER BY "Time" LIMIT @p2)
        """;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>How long until a request may go on; null where it may now.</summary>
    public TimeSpan? Wait(IInstallStatements s, Caller caller, string machineId, DateTime now)
    {
        TimeSpan?[] waits =
        [
            Window.Wait(s, OfAddressSql, caller.AddressKey, options.ActivationsPerIpPerDay, Day, now),
            Window.Wait(s, OfMachineSql, machineId, options.ActivationsPerMachinePerDay, Day, now),
        ];
        return waits.Max();
    }

    /// <summary>Counts a request: null where it may go on, else how long to wait; then it has used up nothing.</summary>
    public TimeSpan? Take(IInstallStatements s, Caller caller, string machineId, DateTime now)
    {
        if (Wait(s, caller, machineId, now) is { } wait) return wait;
        s.Execute(InsertSql, now, caller.AddressKey, machineId);
        return null;
    }

    /// <summary>Deletes what does not count any more; how many.</summary>
    public static int Delete(IInstallStatements s, DateTime now, int most) =>
        s.Execute(DeleteSql, now - Day, now + StoredTime.Skew, most);
}

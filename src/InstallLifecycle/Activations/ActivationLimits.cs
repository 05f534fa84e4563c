using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Activations;

/// <summary>How often activations may be asked for in a day, by address and by machine (contract section 5, route 4).</summary>
internal sealed class ActivationLimits(InstallLifecycleOptions options)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>How long until a request may go on; null where it may now.</summary>
    public TimeSpan? Wait(InstallLifecycleDbContext db, Caller caller, string machineId, DateTime now)
    {
        TimeSpan?[] waits =
        [
            Window.Wait(db.Attempts.Where(a => a.AddressKey == caller.AddressKey).Select(a => a.Time),
                options.ActivationsPerIpPerDay, Day, now),
            Window.Wait(db.Attempts.Where(a => a.MachineId == machineId).Select(a => a.Time),
                options.ActivationsPerMachinePerDay, Day, now),
        ];
        return waits.Max();
    }

    /// <summary>Counts a request: null where it may go on, else how long to wait; then it has used up nothing.</summary>
    public TimeSpan? Take(InstallLifecycleDbContext db, Caller caller, string machineId, DateTime now)
    {
        if (Wait(db, caller, machineId, now) is { } wait) return wait;
        db.Attempts.Add(new AttemptRow { Time = now, AddressKey = caller.AddressKey, MachineId = machineId });
        db.SaveChanges();
        return null;
    }
}

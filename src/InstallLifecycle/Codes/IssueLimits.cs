using System.Linq.Expressions;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Codes;

/// <summary>The four limits on codes (contract section 5, route 2). They count the codes that were issued,
/// in the transaction that issues the next one.</summary>
internal sealed class IssueLimits(InstallLifecycleOptions options)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);

    /// <summary>How long to wait until all limits let <paramref name="requester"/> have a code; null where they do now.</summary>
    public TimeSpan? Wait(InstallLifecycleDbContext db, Requester requester, DateTime now)
    {
        string address = requester.Caller.AddressKey, session = requester.Session, fingerprint = requester.Fingerprint;
        TimeSpan?[] waits =
        [
            Wait(db, c => c.AddressKey == address, options.CodesPerIpPerHour, Hour, now),
            Wait(db, c => c.AddressKey == address, options.CodesPerIpPerDay, Day, now),
            Wait(db, c => c.Session == session, options.CodesPerSessionPerHour, Hour, now),
            Wait(db, c => c.Fingerprint == fingerprint, options.CodesPerFingerprintPerHour, Hour, now),
        ];
        return waits.Max();
    }

    private static TimeSpan? Wait(InstallLifecycleDbContext db,
        Expression<Func<CodeRow, bool>> whose, int most, TimeSpan window, DateTime now) =>
        Window.Wait(db.Codes.Where(whose).Select(c => c.IssuedAt), most, window, now);
}

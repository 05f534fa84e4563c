using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>Which accounts are locked after too many failures, as administrators see it, and taking the lock off before its time
/// (contract section 6).</summary>
internal sealed class AccountLocks(Database database, AccountsOptions options, TimeProvider clock)
{
    /// <summary>Until when <paramref name="account"/> takes no password, or no code, UTC: the later of them; null where it takes
    /// both.</summary>
    public DateTime? EndOf(AccountSnapshot account)
    {
        var (passwords, codes) = (End(account.PasswordsLockedUntil), End(account.CodesLockedUntil));
        return passwords > codes || codes is null ? passwords : codes;
    }

    /// <summary>Takes both locks off. False where the account was not locked, or is above the <see cref="Rank"/> of who does it.</summary>
    public Task<bool> UnlockAsync(int accountId, Actor actor) => database.WriteAsync(s =>
    {
        if (UserAccounts.Find(s, accountId) is not { } account || !Rank.MayTouch(actor, account.Role)) return false;
        DateTime now = Now;
        bool wasLocked = Lockout.Passwords.Release(s, accountId, now) | Lockout.SecondFactors.Release(s, accountId, now);
        if (wasLocked) AuditTrail.Append(s, new AuditEvent("account.unlocked", now, actor) { Target = account.Subject });
        return wasLocked;
    });

    // One that ends later than a lock made now was stamped by a clock that was ahead, and counts as made now.
    private DateTime? End(DateTime? stored)
    {
        DateTime now = Now, latest = now + options.LockoutDuration;
        return stored is not { } end || end <= now ? null : end > latest + StoredTime.Skew ? latest : end;
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

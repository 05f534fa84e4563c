using Microsoft.AspNetCore.Identity;
using TokenServer.Audit;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Telemetry;

namespace TokenServer.Accounts;

/// <summary>The one check of a password: bounded hashing, equal time for the unknown, every failure counted.</summary>
internal sealed class PasswordCheck(Database database, PasswordHashing hashing,
    AccountsOptions options, TimeProvider clock, Instruments instruments)
{
    /// <summary>Whether <paramref name="password"/> is the account's. That it may be used is for <see cref="Accept"/> to say,
    /// in the transaction that acts on it.</summary>
    /// <param name="account">The account; null where there is none, which takes as long.</param>
    /// <param name="password">At most <see cref="PasswordHashing.LongestPassword"/> characters; a longer one is wrong, unhashed.</param>
    /// <param name="clientId">Who asks, for the audit trail.</param>
    /// <param name="address">From where, for the audit trail.</param>
    public async Task<PasswordVerdict> VerifyAsync(AccountSnapshot? account, string password, string clientId, string? address)
    {
        if (password.Length > PasswordHashing.LongestPassword) return PasswordVerdict.Wrong;
        if (await hashing.VerifyAsync(account?.PasswordHash, password) is not { } verified) return PasswordVerdict.Busy;
        if (account is not null && verified != PasswordVerificationResult.Failed)
            return verified == PasswordVerificationResult.SuccessRehashNeeded
                ? PasswordVerdict.RightButWeaklyHashed : PasswordVerdict.Right;
        if (await database.WriteAsync(s => RecordFailure(s, account, clientId, address))) instruments.Locked("password");
        return PasswordVerdict.Wrong;
    }

    /// <summary>Takes a right password, in the caller's transaction: no account but why where the account was disabled,
    /// locked or given another password since
    /// <paramref name="before"/> was read, which is to be answered as a wrong password is.</summary>
    public (AccountSnapshot? Account, string? Why) Accept(Statements s, AccountSnapshot before, string clientId, string? address)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var account = UserAccounts.Find(s, before.Id);
        string? why = account is not { DisabledAt: null } ? SignInResult.Refused.Disabled
            : account.SecurityStamp != before.SecurityStamp ? SignInResult.Refused.PasswordChanged
            : !Lockout.Passwords.Pass(s, account.Id, options, now) ? SignInResult.Refused.Locked : null;
        if (why is null) return (account, null);
        Refuse(s, before.Subject, why, clientId, address);
        return (null, why);
    }

    /// <summary>Records, in the caller's transaction, that a sign-in was refused for another reason than a wrong password.</summary>
    /// <param name="s">The caller's.</param>
    /// <param name="subject">Whose; null where nobody knows.</param>
    /// <param name="why">The reason, <see cref="AuditReason"/>.</param>
    /// <param name="clientId">Who asks.</param>
    /// <param name="address">From where.</param>
    public void Refuse(Statements s, string? subject, string why, string clientId, string? address) =>
        AuditTrail.Append(s, new AuditEvent("sign_in.refused", clock.GetUtcNow().UtcDateTime)
            { Target = subject, ClientId = clientId, Address = address, Detail = why });

    /// <summary>Stores a hash with today's parameters of a password that has been accepted.</summary>
    public async Task ImproveAsync(AccountSnapshot account, string password)
    {
        if (await hashing.HashAsync(password) is { } hash)
            await database.WriteAsync(
                s => s.Execute("""UPDATE "AspNetUsers" SET "PasswordHash"=@p1 WHERE "Id"=@p0 AND "PasswordHash"=@p2""",
                account.Id, hash, account.PasswordHash));
    }

    // Whether the account is now locked by it.
    private bool RecordFailure(Statements s, AccountSnapshot? account, string clientId, string? address)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        bool locks = account is { DisabledAt: null } && Lockout.Passwords.Fail(s, account.Id, options, now);
        if (locks)
            AuditTrail.Append(
                s, new AuditEvent("account.locked", now) { Target = account!.Subject, ClientId = clientId, Address = address });
        AuditTrail.Append(s, new AuditEvent("sign_in.failed", now)
        {
            Target = account?.Subject, ClientId = clientId, Address = address,
            Detail = account is null ? AuditReason.UnknownUser : AuditReason.WrongPassword,
        });
        return locks;
    }
}

/// <summary>What became of a password check. Busy: too many passwords wait to be hashed. Weakly hashed:
/// the stored hash has yesterday's parameters.</summary>
internal enum PasswordVerdict { Wrong, Right, RightButWeaklyHashed, Busy }

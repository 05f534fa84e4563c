using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>Counts wrong passwords, or wrong codes, in a row; enough of them lock the account for a while. What comes while it is locked
/// does not make it longer; afterwards the count starts anew (contract section 0). A lock that ends later than one made now was stamped by
/// a clock that was ahead, and counts as made now.</summary>
internal sealed class Lockout
{
    public static readonly Lockout Passwords = new("AccessFailedCount", "LockoutEnd", time => new DateTimeOffset(time));
    public static readonly Lockout SecondFactors = new("TwoFactorFailedCount", "TwoFactorLockoutEnd", time => time);

    private readonly string clamp, failure, pass, locked, release;
    private readonly Func<DateTime, object> stored;

    private Lockout(string count, string end, Func<DateTime, object> stored)
    {
        this.stored = stored;
        string next = $"""(CASE WHEN "{end}" IS NULL THEN "{count}" ELSE 0 END) + 1""";
        clamp = $"""UPDATE "AspNetUsers" SET "{end}"=@p1 WHERE "Id"=@p0 AND "{end}" > @p2""";
        failure = $"""
            UPDATE "AspNetUsers" SET "{count}" = CASE WHEN {next} >= @p2 THEN 0 ELSE {next} END,
                "{end}" = CASE WHEN {next} >= @p2 THEN @p3 ELSE NULL END
            WHERE "Id"=@p0 AND ("{end}" IS NULL OR "{end}" <= @p1)
            """;
        pass = $"""UPDATE "AspNetUsers" SET "{count}"=0, "{end}"=NULL WHERE "Id"=@p0 AND ("{end}" IS NULL OR "{end}" <= @p1)""";
        release = $"""UPDATE "AspNetUsers" SET "{count}"=0, "{end}"=NULL WHERE "Id"=@p0 AND "{end}" > @p1""";
        locked = $"""SELECT 1 FROM "AspNetUsers" WHERE "Id"=@p0 AND "{end}" > @p1""";
    }

    /// <summary>Counts a failure; true where the account is now locked by it.</summary>
    public bool Fail(Statements s, int accountId, AccountsOptions options, DateTime now)
    {
        Clamp(s, accountId, options, now);
        return s.Execute(failure, accountId, stored(now), options.LockoutFailures, stored(now + options.LockoutDuration)) == 1
            && HasEnd(s, accountId, now);
    }

    /// <summary>Forgets the failures of an account that is not locked; false where it is.</summary>
    public bool Pass(Statements s, int accountId, AccountsOptions options, DateTime now)
    {
        Clamp(s, accountId, options, now);
        return s.Execute(pass, accountId, stored(now)) == 1;
    }

    /// <summary>Adds the condition that an account is locked, for passwords or for codes.</summary>
    public static void AddLocked(Conditions where, DateTime now)
    {
        string passwords = where.Bind(Passwords.stored(now)), codes = where.Bind(SecondFactors.stored(now));
        where.Add($"""("LockoutEnd">{passwords} OR "TwoFactorLockoutEnd">{codes})""");
    }

    public bool IsLocked(Statements s, int accountId, AccountsOptions options, DateTime now)
    {
        Clamp(s, accountId, options, now);
        return HasEnd(s, accountId, now);
    }

    /// <summary>Takes the lock off an account, and forgets the failures; false where it is not locked.</summary>
    public bool Release(Statements s, int accountId, DateTime now) => s.Execute(release, accountId, stored(now)) == 1;

    private bool HasEnd(Statements s, int accountId, DateTime now) => s.First(locked, _ => "", accountId, stored(now)) is not null;

    private void Clamp(Statements s, int accountId, AccountsOptions options, DateTime now)
    {
        DateTime end = now + options.LockoutDuration;
        s.Execute(clamp, accountId, stored(end), stored(end + StoredTime.Skew));
    }
}

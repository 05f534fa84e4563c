using TokenServer.Audit;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>What administrators do to accounts beside adding and disabling them: list, change, delete.</summary>
internal sealed class AccountAdministration(Database database, UserAccounts accounts, UserSessions sessions)
{
    private const string UpdateSql = """
        UPDATE "AspNetUsers" SET "EmailConfirmed"=("EmailConfirmed" AND "NormalizedEmail"=@p2), "Email"=@p1, "NormalizedEmail"=@p2,
        "Name"=@p3, "Role"=@p4, "NormalizedName"=@p5 WHERE "Id"=@p0
        """;

    // Each names the account by AccountId.
    private static readonly string[] TablesOfAccounts =
        ["Tunnels", "ApiKeys", "RecoveryCodes", "Authenticators", "Passkeys", "Consents", "EmailChanges"];

    /// <summary>The accounts of a stretch of their list.</summary>
    public IReadOnlyList<AccountSnapshot> List(AccountFilter filter, Stretch stretch)
    {
        var where = Meeting(filter);
        where.AddIf(""" "Id">={0} """, stretch.After is null ? null : Math.Min(stretch.First, int.MaxValue));
        where.AddIf(""" "Id"<{0} """, stretch.Before is null ? null : Math.Min(stretch.End, int.MaxValue));
        string sql = $"""
            SELECT {AccountSnapshot.Columns} FROM "AspNetUsers" {where.Sql} ORDER BY "Id" {stretch.Order} LIMIT {where.Bind(stretch.Limit)}
            """;
        return database.Read(s => s.All(sql, AccountSnapshot.Read, where.Values));
    }

    /// <summary>How many there are of them, up to <paramref name="most"/>.</summary>
    public int Count(AccountFilter filter, int most)
    {
        var where = Meeting(filter);
        string sql = $"""SELECT count(*) FROM (SELECT 1 FROM "AspNetUsers" {where.Sql} LIMIT {where.Bind(most)}) n""";
        return database.Read(s => s.All(sql, r => r.GetInt32(0), where.Values))[0];
    }

    private Conditions Meeting(AccountFilter filter)
    {
        var where = new Conditions();
        where.AddIf(""" "NormalizedUserName"={0} """, filter.UserName is { } name ? UserAccounts.Normalize(name) : null);
        where.AddIf(""" "NormalizedEmail"={0} """, filter.Email is { } email ? UserAccounts.Normalize(email) : null);
        if (filter.Part is { } part) where.Add(part.OfAccount(where));
        where.AddIf(""" "Role"={0} """, filter.Role);
        switch (filter.Status)
        {
            case AccountFilter.Active: where.Add(""" "DisabledAt" IS NULL """); break;
            case AccountFilter.Disabled: where.Add(""" "DisabledAt" IS NOT NULL """); break;
            case AccountFilter.Locked: Lockout.AddLocked(where, accounts.Now); break;
            case AccountFilter.Stale:
                where.AddIf(""" "DisabledAt" IS NULL AND coalesce("LastLogin", "CreatedAt")<{0} """, accounts.Now - AccountFilter.Long);
                break;
            case AccountFilter.EmailWaits: where.Add(""" "Id" IN (SELECT "AccountId" FROM "EmailChanges") """); break;
        }
        return where;
    }

    /// <summary>How many accounts there are.</summary>
    public AccountFigures Count() => database.Read(
        s => s.First("""SELECT count(*), count("DisabledAt"), count(CASE WHEN "Role"='admin' THEN 1 END) FROM "AspNetUsers" """,
        r => new AccountFigures(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2))))!;

    /// <summary>Changes what an account shows of itself. Another role ends its sessions: their tokens name the old one.</summary>
    /// <param name="accountId">Which account.</param>
    /// <param name="isExpected">Whether its <see cref="AccountSnapshot.Version"/> is one that the caller takes.</param>
    /// <param name="change">The account as it is → as it shall be.</param>
    /// <param name="actor">Who does it.</param>
    public async Task<Changed<AccountSnapshot>> UpdateAsync(int accountId,
        Func<string, bool> isExpected, Func<AccountSnapshot, AccountChange> change, Actor actor)
    {
        IReadOnlyList<long> ended = [];
        var result = await database.WriteAsync<Changed<AccountSnapshot>>(s =>
        {
            ended = [];
            if (UserAccounts.Find(s, accountId) is not { } account) return ChangeRefused.NotThere;
            if (!isExpected(account.Version)) return ChangeRefused.Stale;
            var wanted = change(account).Trimmed();
            if (NewAccount.Problem(wanted.Email, wanted.Name, wanted.Role) is { } problem)
                return new ChangeRefused(problem);
            if (!Rank.MayTouch(actor, account.Role)) return new ChangeRefused(Rank.Problem);
            if (!Rank.MayGive(actor, account.Role, wanted.Role)) return new ChangeRefused(Rank.RoleProblem);
            if (Promotion.IsRefused(s, account, wanted.Role, actor)) return new ChangeRefused(Promotion.Problem);
            if (wanted.Role != account.Role && LastAdministrator.IsKept(s, account, actor))
                return new ChangeRefused(LastAdministrator.Problem);
            if (UserAccounts.FindByLogin(s, wanted.Email) is { } other && other.Id != accountId)
                return new ChangeRefused(EmailChanges.Taken);
            s.Execute(UpdateSql, accountId, wanted.Email, UserAccounts.Normalize(wanted.Email), wanted.Name, wanted.Role,
                wanted.Name is { } name ? NamePart.Fold(name) : null);
            if (wanted.Role != account.Role) ended = accounts.EndSessions(s, accountId);
            if (wanted.Email != account.Email) EmailChanges.Supersede(s, accountId, actor, accounts.Now);
            AuditTrail.Append(s, new AuditEvent("account.changed", accounts.Now, actor)
                { Target = account.Subject, Detail = wanted.DifferenceTo(account) });
            return UserAccounts.Find(s, accountId)!;
        });
        sessions.Bury(ended);
        return result;
    }

    /// <summary>Deletes an account and everything that is its; its sessions end for good. False where there is none,
    /// or it is the <see cref="LastAdministrator"/>, or above the <see cref="Rank"/> of who does it.</summary>
    public async Task<bool> DeleteAsync(int accountId, Actor actor)
    {
        var ended = await database.WriteAsync(s =>
        {
            if (UserAccounts.Find(s, accountId) is not { } account || !Rank.MayTouch(actor, account.Role)
                || LastAdministrator.IsKept(s, account, actor)) return null;
            var open = sessions.EndAll(s, accountId, null);
            foreach (string table in TablesOfAccounts)
                s.Execute($"""DELETE FROM "{table}" WHERE "AccountId"=@p0""", accountId);
            s.Execute("""DELETE FROM "AspNetUsers" WHERE "Id"=@p0""", accountId);
            AuditTrail.Append(s, new AuditEvent("account.deleted", accounts.Now, actor) { Target = account.Subject });
            return open;
        });
        sessions.Bury(ended ?? []);
        return ended is not null;
    }
}

/// <summary>Which accounts; null is any.</summary>
/// <param name="Part">A part of their names, or their number.</param>
/// <param name="Status">One of <see cref="Statuses"/>.</param>
internal sealed record AccountFilter(string? UserName = null, string? Email = null,
    string? Role = null, string? Status = null, NamePart? Part = null)
{
    public const string Active = "active", Disabled = "disabled", Locked = "locked", Stale = "stale";

    /// <summary>Its owner wants another e-mail address, which waits to be confirmed.</summary>
    public const string EmailWaits = "email_waits";
    public static readonly string[] Statuses = [Active, Disabled, Locked, Stale, EmailWaits];

    /// <summary>An account that has not signed in for so long is stale.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromDays(90);
}

/// <summary>How many accounts there are, and of them disabled ones and administrators.</summary>
internal sealed record AccountFigures(long All, long Disabled, long Administrators);

/// <summary>What an account shall show.</summary>
internal sealed record AccountChange(string Email, string? Name, string Role)
{
    public AccountChange Trimmed() => this with { Email = Email.Trim(), Name = Name?.Trim() };

    /// <summary>What is other than in <paramref name="account"/>, for the audit trail; null where nothing is.</summary>
    public string? DifferenceTo(AccountSnapshot account)
    {
        string[] changed = [.. Email == account.Email ? [] : (string[])["email"],
            .. Name == account.Name ? [] : (string[])["name"], .. Role == account.Role ? [] : (string[])[$"role {Role}"]];
        return changed.Length == 0 ? null : string.Join("; ", changed);
    }
}

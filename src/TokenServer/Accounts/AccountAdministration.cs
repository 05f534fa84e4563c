using TokenServer.Audit;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>What administrators do to accounts beside adding and disabling them: list, change, delete.</summary>
internal sealed class AccountAdministration(Database database, UserAccounts accounts, UserSessions sessions)
{
    private const string UpdateSql =
        """UPDATE "AspNetUsers" SET "Email"=@p1, "NormalizedEmail"=@p2, "Name"=@p3, "Role"=@p4 WHERE "Id"=@p0""";

    /// <summary>At most <paramref name="limit"/> accounts before <paramref name="before"/>, the newest first.</summary>
    public IReadOnlyList<AccountSnapshot> List(AccountFilter filter, int? before, int limit)
    {
        var where = new Conditions();
        where.AddIf(""" "NormalizedUserName"={0} """, filter.UserName is { } name ? UserAccounts.Normalize(name) : null);
        where.AddIf(""" "NormalizedEmail"={0} """, filter.Email is { } email ? UserAccounts.Normalize(email) : null);
        where.AddIf(""" ("NormalizedUserName" LIKE {0} ESCAPE '\' OR "NormalizedEmail" LIKE {0} ESCAPE '\') """,
            filter.Part is { } part ? $"%{Literally(UserAccounts.Normalize(part))}%" : null);
        where.AddIf(""" "Role"={0} """, filter.Role);
        if (filter.IsDisabled is { } isDisabled) where.Add(isDisabled ? """ "DisabledAt" IS NOT NULL """ : """ "DisabledAt" IS NULL """);
        where.AddIf(""" "Id"<{0} """, before);
        string sql = $"""SELECT {AccountSnapshot.Columns} FROM "AspNetUsers" {where.Sql} ORDER BY "Id" DESC LIMIT {where.Bind(limit)}""";
        return database.Read(s => s.All(sql, AccountSnapshot.Read, where.Values));
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
            if (wanted.Role != account.Role && LastAdministrator.IsKept(s, account, actor))
                return new ChangeRefused(LastAdministrator.Problem);
            if (UserAccounts.FindByLogin(s, wanted.Email) is { } other && other.Id != accountId)
                return new ChangeRefused("the e-mail address is taken");
            s.Execute(UpdateSql, accountId, wanted.Email, UserAccounts.Normalize(wanted.Email), wanted.Name, wanted.Role);
            if (wanted.Role != account.Role) ended = accounts.EndSessions(s, accountId);
            AuditTrail.Append(s, new AuditEvent("account.changed", accounts.Now, actor)
                { Target = account.Subject, Detail = wanted.DifferenceTo(account) });
            return UserAccounts.Find(s, accountId)!;
        });
        sessions.Bury(ended);
        return result;
    }

    /// <summary>Deletes an account and everything that is its; its sessions end for good. False where there is none,
    /// or it is the <see cref="LastAdministrator"/>.</summary>
    public async Task<bool> DeleteAsync(int accountId, Actor actor)
    {
        var ended = await database.WriteAsync(s =>
        {
            if (UserAccounts.Find(s, accountId) is not { } account || LastAdministrator.IsKept(s, account, actor)) return null;
            var open = sessions.EndAll(s, accountId, null);
            foreach (string table in (string[])["Tunnels", "ApiKeys", "RecoveryCodes"])
                s.Execute($"""DELETE FROM "{table}" WHERE "AccountId"=@p0""", accountId);
            s.Execute("""DELETE FROM "AspNetUsers" WHERE "Id"=@p0""", accountId);
            AuditTrail.Append(s, new AuditEvent("account.deleted", accounts.Now, actor) { Target = account.Subject });
            return open;
        });
        sessions.Bury(ended ?? []);
        return ended is not null;
    }

    private static string Literally(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}

/// <summary>Which accounts; null is any. Part: of the user name or of the e-mail address.</summary>
internal sealed record AccountFilter(string? UserName = null, string? Email = null,
    string? Role = null, bool? IsDisabled = null, string? Part = null);

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

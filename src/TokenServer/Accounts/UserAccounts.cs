using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Foundation.Precis;
using TokenServer.Protection;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Accounts;

/// <summary>The accounts, rows of AspNetUsers: found by either name, added, changed, disabled.</summary>
internal sealed class UserAccounts(Database database, PasswordHashing hashing, UserSessions sessions, TimeProvider clock)
{
    /// <summary>What adding and setting a password say when the hashing queue is full.</summary>
    public const string Busy = "too many passwords wait to be hashed";

    /// <summary>Characters of a user name or an e-mail address.</summary>
    public const int LongestLogin = 254;
    private static readonly string ByName = By("NormalizedUserName"), ByEmail = By("NormalizedEmail");
    private const string ById = $"""SELECT {AccountSnapshot.Columns} FROM "AspNetUsers" WHERE "Id"=@p0""";

    /// <summary>The account of a user name or an e-mail address; a user name has no @. ASCII's blanks around it are dropped.</summary>
    public static AccountSnapshot? FindByLogin(Statements s, string login)
    {
        // No account has a longer one, and preparing it could take long.
        if (login.Length > LongestLogin) return null;
        string name = login.Trim(' ', '\t', '\r', '\n'), key = Normalize(name);
        // One from before names were prepared is stored as it came, or as a Mac writes it; it goes on by that.
        return s.First(name.Contains('@', StringComparison.Ordinal) ? ByEmail : ByName, AccountSnapshot.Read,
            name.ToUpperInvariant(), key, Normalization.ToFormD(key));
    }

    public static AccountSnapshot? Find(Statements s, int id) => s.First(ById, AccountSnapshot.Read, id);

    /// <summary>How a user name (by UsernameCaseMapped, RFC 8265) or an e-mail address is stored to be found whatever its case. Upper case,
    /// as Identity has it.</summary>
    public static string Normalize(string name) => (name.Contains('@', StringComparison.Ordinal) ? Normalization.ToFormC(name)
        : UserNameProfile.Map(name) ?? name).ToUpperInvariant();

    public AccountSnapshot? Find(int id) => database.Read(s => Find(s, id));

    /// <summary>The account that a session's access token or an API key stands for; null for every other token.</summary>
    public AccountSnapshot? Of(KnownToken token) =>
        token is { Use: TokenUse.ApiKey } or { Use: TokenUse.Access, SessionId: not null } ? Find(int.Parse(token.Subject)) : null;

    public AccountSnapshot? FindByLogin(string login) => database.Read(s => FindByLogin(s, login));

    public IReadOnlyList<AccountSnapshot> All() =>
        database.Read(s => s.All($"""SELECT {AccountSnapshot.Columns} FROM "AspNetUsers" ORDER BY "Id" """, AccountSnapshot.Read));

    /// <summary>Adds an account.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public async Task<string?> AddAsync(NewAccount draft, Actor actor)
    {
        if (draft.Problem() is { } problem) return problem;
        if (!Rank.MayGive(actor, NewAccount.OrdinaryRole, draft.Role)) return Rank.RoleProblem;
        string? hash = await hashing.HashAsync(draft.Password);
        if (hash is null) return Busy;
        return await database.WriteAsync(s =>
        {
            if (FindByLogin(s, draft.UserName) is not null) return "the user name is taken";
            if (FindByLogin(s, draft.Email) is not null) return EmailChanges.Taken;
            Insert(s, draft, hash);
            AuditTrail.Append(s, new AuditEvent("account.added", Now, actor)
                { Target = FindByLogin(s, draft.UserName)!.Subject, Detail = $"role {draft.Role}" });
            return null;
        });
    }

    /// <summary>Stores a new account, in the caller's transaction.</summary>
    public void Insert(Statements s, NewAccount draft, string passwordHash)
    {
        using var context = s.Context();
        context.Users.Add(new Account
        {
            UserName = draft.UserName, NormalizedUserName = Normalize(draft.UserName), Email = draft.Email,
            NormalizedEmail = Normalize(draft.Email), Name = draft.Name, Role = draft.Role, CreatedAt = Now,
            NormalizedName = draft.Name is { } name ? NamePart.Fold(name) : null,
            PasswordHash = passwordHash, SecurityStamp = NewStamp(), LockoutEnabled = true,
        });
        context.SaveChanges();
    }

    /// <summary>Sets a new password hash and ends all sessions but <paramref name="keptSession"/>, in the caller's transaction;
    /// the ended ones go to <see cref="UserSessions.Bury"/>.</summary>
    public IReadOnlyList<long> SetPasswordHash(Statements s, int accountId, string hash, long? keptSession)
    {
        s.Execute(
            """UPDATE "AspNetUsers" SET "PasswordHash"=@p1, "SecurityStamp"=@p2, "AccessFailedCount"=0, "LockoutEnd"=NULL WHERE "Id"=@p0""",
            accountId, hash, NewStamp());
        return sessions.EndAll(s, accountId, keptSession);
    }

    /// <summary>Ends all sessions of an account and whatever sign-in is under way, in the caller's transaction;
    /// the ended ones go to <see cref="UserSessions.Bury"/>.</summary>
    public IReadOnlyList<long> EndSessions(Statements s, int accountId)
    {
        s.Execute("""UPDATE "AspNetUsers" SET "SecurityStamp"=@p1 WHERE "Id"=@p0""", accountId, NewStamp());
        return sessions.EndAll(s, accountId, null);
    }

    /// <summary>Sets a new password and ends all sessions of the account.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public async Task<string?> SetPasswordAsync(AccountSnapshot account, string password, Actor actor)
    {
        if (PasswordRule.Problem(account.UserName, account.Email, password) is { } problem) return problem;
        if (await hashing.HashAsync(password) is not { } hash) return Busy;
        var ended = await database.WriteAsync(s =>
        {
            if (Find(s, account.Id) is { } current && !Rank.MayTouch(actor, current.Role)) return null;
            AuditTrail.Append(s, new AuditEvent("account.password_set", Now, actor) { Target = account.Subject });
            EmailChanges.Supersede(s, account.Id, actor, Now);
            return SetPasswordHash(s, account.Id, hash, null);
        });
        if (ended is null) return Rank.Problem;
        sessions.Bury(ended);
        return null;
    }

    /// <summary>Disables an account and ends its sessions for good. False where it was disabled,
    /// or is the <see cref="LastAdministrator"/>, or above the <see cref="Rank"/> of who does it.</summary>
    public async Task<bool> DisableAsync(AccountSnapshot account, Actor actor)
    {
        var ended = await database.WriteAsync(s =>
        {
            if (Find(s, account.Id) is not { } current || !Rank.MayTouch(actor, current.Role)
                || LastAdministrator.IsKept(s, current, actor)) return null;
            if (s.Execute("""UPDATE "AspNetUsers" SET "DisabledAt"=@p1, "SecurityStamp"=@p2 WHERE "Id"=@p0 AND "DisabledAt" IS NULL""",
                account.Id, Now, NewStamp()) != 1) return null;
            AuditTrail.Append(s, new AuditEvent("account.disabled", Now, actor) { Target = account.Subject });
            EmailChanges.Supersede(s, account.Id, actor, Now);
            return sessions.EndAll(s, account.Id, null);
        });
        sessions.Bury(ended ?? []);
        return ended is not null;
    }

    /// <summary>Takes the second factor off an account whose owner has lost it, and ends its sessions. False where it has none, or is
    /// above the <see cref="Rank"/> of who does it.</summary>
    public async Task<bool> RemoveSecondFactorAsync(AccountSnapshot account, Actor actor)
    {
        var ended = await database.WriteAsync(s =>
        {
            if (Find(s, account.Id) is { } current && !Rank.MayTouch(actor, current.Role)) return null;
            return TakeSecondFactor(s, account, actor) ? EndSessions(s, account.Id) : null;
        });
        sessions.Bury(ended ?? []);
        return ended is not null;
    }

    /// <summary>Takes the second factor off, in the caller's transaction, who ends the sessions. False where it was off.</summary>
    public bool TakeSecondFactor(Statements s, AccountSnapshot account, Actor actor)
    {
        if (!SecondFactor.TurnOff(s, account.Id)) return false;
        AuditTrail.Append(s, new AuditEvent("second_factor.removed", Now, actor) { Target = account.Subject });
        EmailChanges.Supersede(s, account.Id, actor, Now);
        return true;
    }

    /// <summary>Lets a disabled account sign in again. False where it was not disabled, or is above the <see cref="Rank"/> of who does
    /// it.</summary>
    public Task<bool> EnableAsync(AccountSnapshot account, Actor actor) => database.WriteAsync(s =>
    {
        if (Find(s, account.Id) is { } current && !Rank.MayTouch(actor, current.Role)) return false;
        if (s.Execute("""UPDATE "AspNetUsers" SET "DisabledAt"=NULL WHERE "Id"=@p0 AND "DisabledAt" IS NOT NULL""", account.Id) != 1)
            return false;
        AuditTrail.Append(s, new AuditEvent("account.enabled", Now, actor) { Target = account.Subject });
        return true;
    });

    /// <summary>UTC.</summary>
    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    private static string By(string column) => $"""
        SELECT {AccountSnapshot.Columns} FROM "AspNetUsers" WHERE "{column}" IN (@p0, @p1, @p2)
        ORDER BY CASE "{column}" WHEN @p0 THEN 0 WHEN @p1 THEN 1 ELSE 2 END LIMIT 1
        """;

    private static string NewStamp() => System.Security.Cryptography.RandomNumberGenerator.GetHexString(32);
}

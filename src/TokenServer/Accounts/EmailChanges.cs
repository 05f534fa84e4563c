using TokenServer.Audit;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>The e-mail addresses that owners want for their accounts. One counts after somebody who administers has said that it is the
/// owner's; until then it is nobody's, and stands in nobody's way (docs/decisions/0048).</summary>
internal sealed class EmailChanges(Database database, UserAccounts accounts, TimeOrderedId ids)
{
    /// <summary>What a confirmation says where another account has the address by now.</summary>
    public const string Taken = "the e-mail address is taken";

    /// <summary>What a confirmation says that one who is no administrator may not give.</summary>
    public const string Helped =
        "somebody who is no administrator has set this account's password, and may have asked for it; an administrator confirms it";

    private const string AnothersNote = "another account has the address";
    private const string Columns = """ "Id", "AccountId", "Email", "AskedAt" """;
    private const string OfAccountSql = $"""SELECT {Columns} FROM "EmailChanges" WHERE "AccountId"=@p0""";
    private const string AllSql = $"""SELECT {Columns} FROM "EmailChanges" ORDER BY "Id" """;
    private const string TakeSql = """DELETE FROM "EmailChanges" WHERE "Id"=@p0 AND "AccountId"=@p1""";
    private const string ConfirmSql = """
        UPDATE "AspNetUsers" SET "Email"=@p1, "NormalizedEmail"=@p2, "EmailConfirmed"=@p3 WHERE "Id"=@p0
        """;

    /// <summary>What waits for an account; null where nothing does.</summary>
    public WaitingEmail? Of(int accountId) => database.Read(s => Find(s, accountId));

    /// <summary>What waits for any of some accounts, by account.</summary>
    public IReadOnlyDictionary<int, WaitingEmail> Of(IEnumerable<int> accountIds) => database.Read(s =>
        s.OfIds("EmailChanges", Columns, accountIds.Select(id => (long)id), Read, key: "AccountId")
            .DistinctBy(c => c.AccountId).ToDictionary(c => c.AccountId, c => Told(s, c)));

    /// <summary>All that wait, the longest first.</summary>
    public IReadOnlyList<WaitingEmail> All() => database.Read(s => s.All(AllSql, Read).ConvertAll(c => Told(s, c)));

    /// <summary>Asks for another address, in the place of one that waits. The answer is the same whether or not an account has it: who asks
    /// is not to find out whose addresses there are. Administrators are told.</summary>
    public Task<EmailAsked> AskAsync(Owner owner, string given) => database.WriteAsync(s =>
    {
        string email = given.Trim();
        if (!owner.IsSignedIn(s) || UserAccounts.Find(s, owner.AccountId) is not { } account) return EmailAsked.SignedOut;
        if (!FullSignIn.Is(s, owner)) return EmailAsked.Halfway;
        // What looks like another's address is not to pass for it with who confirms: no letter has a double, and none is unseen.
        if (NewAccount.EmailProblem(email) is not null || !Ascii.IsValid(email)) return EmailAsked.BadAddress;
        if (email == account.Email) return EmailAsked.IsTheirs;
        var before = Find(s, account.Id);
        if (before?.Email == email) return EmailAsked.Waits;
        if (before is not null) s.Execute(TakeSql, before.Id, account.Id);
        var wanted = new WaitingEmail(ids.Next(), account.Id, email, accounts.Now);
        s.Execute("""INSERT INTO "EmailChanges" ("Id", "AccountId", "Email", "AskedAt") VALUES (@p0, @p1, @p2, @p3)""",
            wanted.Id, wanted.AccountId, wanted.Email, wanted.AskedAt);
        Append(s, "email_change.asked", owner.Actor, wanted, accounts.Now, Told(s, wanted).IsTaken ? AnothersNote : null);
        return EmailAsked.Waits;
    });

    /// <summary>Takes back what the owner has asked for.</summary>
    public Task<NotOwned> WithdrawAsync(Owner owner) => database.WriteAsync(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        return Drop(s, owner.AccountId, "email_change.withdrawn", owner.Actor, accounts.Now) ? NotOwned.Owned : NotOwned.NotThere;
    });

    /// <summary>Gives an account the address that waits for it, proven by who does this. Its sessions go on.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="change">The <see cref="WaitingEmail.PublicId"/> that was seen: another one is as one that is not there.</param>
    /// <param name="actor">Who says that the address is the owner's.</param>
    public Task<Changed<AccountSnapshot>> ConfirmAsync(int accountId, string change, Actor actor) =>
        SettleAsync(accountId, change, actor, (s, account, waiting) =>
        {
            if (waiting.IsTaken) return new ChangeRefused(Taken);
            // Nobody both asks and confirms.
            if (!Rank.IsAdministrator(actor) && Promotion.IsHelped(s, account)) return new ChangeRefused(Helped);
            if (s.Execute(TakeSql, waiting.Id, accountId) != 1) return ChangeRefused.NotThere;
            s.Execute(ConfirmSql, accountId, waiting.Email, UserAccounts.Normalize(waiting.Email), true);
            Append(s, "email_change.confirmed", actor, waiting, accounts.Now);
            return null;
        });

    /// <summary>Says no: the address that the account has stays as it is.</summary>
    /// <inheritdoc cref="ConfirmAsync"/>
    public Task<Changed<AccountSnapshot>> RefuseAsync(int accountId, string change, Actor actor) =>
        SettleAsync(accountId, change, actor, (s, _, waiting) =>
        {
            if (s.Execute(TakeSql, waiting.Id, accountId) != 1) return ChangeRefused.NotThere;
            Append(s, "email_change.refused", actor, waiting, accounts.Now);
            return null;
        });

    /// <summary>Drops what waits for an account that gets another address by whoever may give it one, or that is taken from whoever may
    /// have asked, in that transaction.</summary>
    public static void Supersede(Statements s, int accountId, Actor actor, DateTime now) =>
        Drop(s, accountId, "email_change.superseded", actor, now);

    private Task<Changed<AccountSnapshot>> SettleAsync(int accountId, string change, Actor actor,
        Func<Statements, AccountSnapshot, WaitingEmail, ChangeRefused?> settle) => database.WriteAsync<Changed<AccountSnapshot>>(s =>
    {
        if (UserAccounts.Find(s, accountId) is not { } account) return ChangeRefused.NotThere;
        if (!Rank.MayTouch(actor, account.Role)) return new ChangeRefused(Rank.Problem);
        if (Find(s, accountId) is not { } waiting || waiting.PublicId != change) return ChangeRefused.NotThere;
        return settle(s, account, waiting) is { } refused ? refused : UserAccounts.Find(s, accountId)!;
    });

    private static bool Drop(Statements s, int accountId, string happened, Actor actor, DateTime now)
    {
        if (s.First(OfAccountSql, Read, accountId) is not { } waiting || s.Execute(TakeSql, waiting.Id, accountId) != 1) return false;
        Append(s, happened, actor, waiting, now);
        return true;
    }

    // No address: nothing that was typed is in the trail.
    private static void Append(Statements s, string happened, Actor actor, WaitingEmail change, DateTime now,
        string? note = null) =>
        AuditTrail.Append(s, new AuditEvent(happened, now, actor)
        {
            Target = change.AccountId.ToString(CultureInfo.InvariantCulture),
            Detail = note is null ? change.PublicId : $"{change.PublicId}; {note}",
        });

    private static WaitingEmail? Find(Statements s, int accountId) =>
        s.First(OfAccountSql, Read, accountId) is { } found ? Told(s, found) : null;

    private static WaitingEmail Told(Statements s, WaitingEmail change) =>
        change with { IsTaken = UserAccounts.FindByLogin(s, change.Email) is { } other && other.Id != change.AccountId };

    private static WaitingEmail Read(DbDataReader r) => new(r.GetInt64(0), r.GetInt32(1), r.GetString(2), Row.Time(r, 3));
}

/// <summary>An address that waits.</summary>
/// <param name="Id">Of this wish: another one has another.</param>
/// <param name="AccountId">The account that it is for.</param>
/// <param name="Email">The address.</param>
/// <param name="AskedAt">When it was asked for, UTC.</param>
internal sealed record WaitingEmail(long Id, int AccountId, string Email, DateTime AskedAt)
{
    /// <summary>The id as people and programs have it.</summary>
    public string PublicId => TimeOrderedId.ToText(Id);

    /// <summary>Whether another account has the address now; for administrators alone.</summary>
    public bool IsTaken { get; init; }
}

/// <summary>What became of a wish. Waits: for who administers. IsTheirs: the account has the address. Halfway: the session was begun
/// without the second factor that the account has.</summary>
internal enum EmailAsked { Waits, SignedOut, Halfway, BadAddress, IsTheirs }

using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>No account begins to administer whose password somebody knows who is no administrator: who gave it one could have gone on to
/// give it a passkey or a second factor, too (docs/decisions/0046). The command line may: who has the machine has everything.</summary>
internal static class Promotion
{
    /// <summary>What whoever tries is told.</summary>
    public const string Problem =
        "somebody who is no administrator has set this account's password, and may hold more of it; make a new account to administer by";

    // Of who wrote an entry, an account is a number.
    private const string GiversSql = """
        SELECT DISTINCT "Actor" FROM "Audit"
        WHERE "Target"=@p0 AND "Event" IN ('account.added', 'account.password_set') AND "Actor" IS NOT NULL
        """;

    /// <summary>Whether <paramref name="actor"/> may not make the account one of role <paramref name="role"/>, asked in the transaction of
    /// the change. Whoever gave it a password and is no administrator now is taken for a helpdesk.</summary>
    public static bool IsRefused(Statements s, AccountSnapshot account, string role, Actor actor) =>
        AdminRoles.Administers(role) && !AdminRoles.Administers(account.Role) && actor.Role != Actor.Machine && IsHelped(s, account);

    /// <summary>Whether somebody who is no administrator has given the account its password, and may be who sits before it.</summary>
    public static bool IsHelped(Statements s, AccountSnapshot account) =>
        s.All(GiversSql, r => r.GetString(0), account.Subject).Exists(giver =>
            int.TryParse(giver, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && UserAccounts.Find(s, id)?.Role != AdminRoles.Admin);
}

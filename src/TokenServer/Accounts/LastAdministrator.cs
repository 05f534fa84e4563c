using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>No account may leave the server without an administrator. The command line and clients may:
/// they do not lock themselves out.</summary>
internal static class LastAdministrator
{
    /// <summary>What whoever tries is told.</summary>
    public const string Problem = "this is the last administrator; make another account one first";

    /// <summary>Whether <paramref name="actor"/> may not demote, disable or delete <paramref name="account"/>,
    /// asked in the transaction of the change.</summary>
    public static bool IsKept(Statements s, AccountSnapshot account, Actor actor) =>
        int.TryParse(actor.Name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        && account is { Role: AdminRoles.Admin, DisabledAt: null }
        && s.First("""SELECT 1 FROM "AspNetUsers" WHERE "Role"='admin' AND "DisabledAt" IS NULL AND "Id"<>@p0""",
            _ => "", account.Id) is null;
}

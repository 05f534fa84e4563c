using TokenServer.Audit;
using TokenServer.Clients;

namespace TokenServer.Accounts;

/// <summary>Who administers without being an administrator does nothing to an account that administers, and gives and takes no role: by a
/// password, a second factor or a session of such an account, or by a role, it would become what it is not.</summary>
internal static class Rank
{
    /// <summary>What whoever tries is told.</summary>
    public const string Problem = "only an administrator may do this to an account that administers",
        RoleProblem = "only an administrator gives and takes roles";

    /// <summary>Whether <paramref name="actor"/> may change an account of this role, and end what it has. It is asked in the
    /// transaction of the change.</summary>
    public static bool MayTouch(Actor actor, string? role) => IsAdministrator(actor) || !AdminRoles.Administers(role);

    /// <summary>Whether <paramref name="actor"/> may make an account of role <paramref name="before"/> one of role
    /// <paramref name="after"/>.</summary>
    public static bool MayGive(Actor actor, string before, string after) => IsAdministrator(actor) || before == after;

    /// <summary>Whether it may do everything. A client that has the scope administers by the role of an administrator; who has no role, not
    /// at all.</summary>
    public static bool IsAdministrator(Actor actor) => actor.Role is Actor.Machine or AdminRoles.Admin;
}

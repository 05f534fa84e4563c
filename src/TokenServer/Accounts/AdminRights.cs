using System.Collections.Frozen;
using TokenServer.Clients;

namespace TokenServer.Accounts;

/// <summary>What each role may do in the administration (contract section 6), by the admin API as in the console: one table of paths, one
/// of roles. What is in neither is an administrator's alone.</summary>
internal static class AdminRights
{
    // The longer first.
    private static readonly string[] Prefixes = ["/admin/api", "/admin"];

    // By the first word of a path.
    private static readonly FrozenDictionary<string, AdminArea> Areas = new Dictionary<string, AdminArea>
    {
        [""] = AdminArea.Overview, ["clients"] = AdminArea.Clients, ["scopes"] = AdminArea.Clients, ["users"] = AdminArea.Users,
        ["sessions"] = AdminArea.Sessions, ["logouts"] = AdminArea.Sessions, ["feed"] = AdminArea.Clients, ["tokens"] = AdminArea.Tokens,
        ["installs"] = AdminArea.Installs, ["servers"] = AdminArea.Installs, ["keys"] = AdminArea.Keys, ["audit"] = AdminArea.Audit,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // They ask by a body, and change nothing.
    private static readonly FrozenSet<string> Questions =
        FrozenSet.Create(StringComparer.Ordinal, "tokens", "tokens/explain", "audit/verify");

    // A helpdesk sees nothing of clients, keys and what administrators do; roles and accounts that administer are Rank's matter.
    private static readonly FrozenSet<AdminArea> OfHelpdesk =
        FrozenSet.Create(AdminArea.Overview, AdminArea.Users, AdminArea.Sessions, AdminArea.Tokens, AdminArea.Installs);

    /// <summary>What is needed for a route or a page.</summary>
    /// <param name="pattern">Its pattern or path, from the root.</param>
    /// <param name="acts">Whether it does something, or asks whether to.</param>
    public static AdminRight Of(string? pattern, bool acts)
    {
        string path = "/" + pattern?.TrimStart('/');
        if (Prefixes.FirstOrDefault(p => path == p || path.StartsWith(p + "/", StringComparison.Ordinal)) is not { } prefix)
            return new AdminRight(AdminArea.Other, acts);
        string below = path[prefix.Length..].Trim('/');
        var area = Areas.GetValueOrDefault(below.Split('/')[0], AdminArea.Other);
        return new AdminRight(area, acts && !Questions.Contains(below));
    }

    /// <summary>Whether <paramref name="role"/> may do what needs <paramref name="right"/>.</summary>
    public static bool May(string? role, AdminRight right) => role switch
    {
        AdminRoles.Admin => true,
        AdminRoles.Auditor => !right.Changes && right.Area != AdminArea.Other,
        AdminRoles.Helpdesk => OfHelpdesk.Contains(right.Area),
        _ => false,
    };
}

/// <summary>What a part of the administration is about.</summary>
internal enum AdminArea { Other, Overview, Clients, Users, Sessions, Tokens, Installs, Keys, Audit }

/// <summary>What somebody needs who wants to see, or to change, something of an area.</summary>
internal readonly record struct AdminRight(AdminArea Area, bool Changes);

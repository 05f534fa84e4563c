namespace TokenServer.Clients;

/// <summary>The roles that administer (contract section 6): an account has the scope <c>admin</c> by one of them, and the role says what it
/// may. Any other role has a meaning only elsewhere.</summary>
internal static class AdminRoles
{
    public const string Admin = "admin", Auditor = "auditor", Helpdesk = "helpdesk";
    public static readonly string[] All = [Admin, Auditor, Helpdesk];

    /// <summary>Whether an account of this role administers, be it by reading alone.</summary>
    public static bool Administers(string? role) => role is Admin or Auditor or Helpdesk;

    /// <summary>Whether an account of this role may be given these scopes: <c>admin</c> is for who administers.</summary>
    public static bool MayHave(string? role, ScopeSet scopes) => Administers(role) || !scopes.Contains(ScopeSet.Admin);
}

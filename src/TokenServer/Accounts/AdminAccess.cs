using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Accounts;

/// <summary>Whose access token may administer (contract section 6): it has the scope <c>admin</c>, its client still may, and its account,
/// if it is a user's, still has a role that administers, and where that is demanded signed in with a second factor. What it may do is
/// <see cref="AdminRights"/>' matter.</summary>
internal sealed class AdminAccess(
    TokenLookup tokens, UserAccounts accounts, OpenSessions sessions, AdminOptions options, IHostEnvironment environment)
{
    private readonly bool demandsSecondFactor = options.RequireSecondFactor ?? !environment.IsDevelopment();

    /// <summary>The access token that <paramref name="text"/> is, null where it is none that is alive, and whether it may
    /// administer, and by which role.</summary>
    public async ValueTask<AdminCaller> FindAsync(string text)
    {
        var (token, account) = await tokens.FindAsync(text, accounts.Of);
        if (token is not { Use: TokenUse.Access }) return new(null, AdminVerdict.MayNot);
        // A client that is registered for the scope is an administrator.
        string? role = token.SessionId is null ? AdminRoles.Admin : account is { DisabledAt: null } ? account.Role : null;
        if (!AdminRoles.Administers(role) || !ScopeSet.Parse(token.Scope).Contains(ScopeSet.Admin)
            || !token.Client!.Scopes.Contains(ScopeSet.Admin)) return new(token, AdminVerdict.MayNot);
        return new(token, token.SessionId is { } sid && demandsSecondFactor
            && !(sessions.Find(account!.Id, sid) is { } session && MayAdminister(account, session))
            ? AdminVerdict.NeedsSecondFactor : AdminVerdict.May, role);
    }

    /// <summary>Whether <paramref name="session"/> has the two factors that administering takes: a code, where the account still has a
    /// second factor, or a passkey.</summary>
    public static bool MayAdminister(AccountSnapshot account, OpenSession session) =>
        session.HasSecondFactor && (account.HasSecondFactor || session.IsByPasskey);
}

/// <summary>Who shows a token to the administration.</summary>
/// <param name="Token">The token; null where it is none that is alive.</param>
/// <param name="Verdict">Whether it may administer at all.</param>
/// <param name="Role">By which role; null where it may not.</param>
internal sealed record AdminCaller(KnownToken? Token, AdminVerdict Verdict, string? Role = null)
{
    /// <summary>Whether it may do what needs <paramref name="right"/>.</summary>
    public bool May(AdminRight right) => Verdict == AdminVerdict.May && AdminRights.May(Role, right);
}

/// <summary>Whether who shows a token may administer.</summary>
internal enum AdminVerdict { MayNot, NeedsSecondFactor, May }

using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Tokens;

namespace TokenServer.Accounts;

/// <summary>Whose access token may administer (contract section 6): it has the scope <c>admin</c>, its client still may, and its account,
/// if it is a user's, still has the role, and where that is demanded signed in with a second factor.</summary>
internal sealed class AdminAccess(
    TokenLookup tokens, UserAccounts accounts, OpenSessions sessions, AdminOptions options, IHostEnvironment environment)
{
    private readonly bool demandsSecondFactor = options.RequireSecondFactor ?? !environment.IsDevelopment();

    /// <summary>The access token that <paramref name="text"/> is, null where it is none that is alive, and whether it may
    /// administer.</summary>
    public async ValueTask<(KnownToken? Token, AdminVerdict Verdict)> FindAsync(string text)
    {
        var (token, account) = await tokens.FindAsync(text, accounts.Of);
        if (token is not { Use: TokenUse.Access }) return (null, AdminVerdict.MayNot);
        bool hasRole = token.SessionId is null || account is { Role: "admin", DisabledAt: null };
        if (!hasRole || !ScopeSet.Parse(token.Scope).Contains(ScopeSet.Admin) || !token.Client!.Scopes.Contains(ScopeSet.Admin))
            return (token, AdminVerdict.MayNot);
        return (token, token.SessionId is { } sid && demandsSecondFactor
            && !(account!.HasSecondFactor && sessions.Find(account.Id, sid)?.HasSecondFactor == true)
            ? AdminVerdict.NeedsSecondFactor : AdminVerdict.May);
    }
}

/// <summary>Whether who shows a token may administer.</summary>
internal enum AdminVerdict { MayNot, NeedsSecondFactor, May }

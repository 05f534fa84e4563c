using TokenServer.Clients;
using TokenServer.Tokens;

namespace TokenServer.Accounts;

/// <summary>Whose access token may administer (contract section 6): it has the scope <c>admin</c>, its client still may, and its account,
/// if it is a user's, still has the role.</summary>
internal sealed class AdminAccess(TokenLookup tokens, UserAccounts accounts)
{
    /// <summary>The access token that <paramref name="text"/> is, and whether it may administer;
    /// null where it is none that is alive.</summary>
    public async ValueTask<(KnownToken? Token, bool MayAdminister)> FindAsync(string text)
    {
        var (token, account) = await tokens.FindAsync(text, accounts.Of);
        if (token is not { Use: TokenUse.Access }) return default;
        bool hasRole = token.SessionId is null || account is { Role: "admin", DisabledAt: null };
        return (token, hasRole && ScopeSet.Parse(token.Scope).Contains(ScopeSet.Admin) && token.Client!.Scopes.Contains(ScopeSet.Admin));
    }
}

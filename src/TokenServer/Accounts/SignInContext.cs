using TokenServer.Clients;

namespace TokenServer.Accounts;

/// <summary>What sign-in goes by: the settings, the clock, and who may have which scope.</summary>
internal sealed class SignInContext(AccountsOptions options, TimeProvider clock)
{
    public AccountsOptions Options => options;
    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The scope <c>admin</c> is for accounts with the role only (contract section 6).</summary>
    public bool MayHave(AccountSnapshot account, ScopeSet scopes) => account.Role == "admin" || !scopes.Contains(ScopeSet.Admin);
}

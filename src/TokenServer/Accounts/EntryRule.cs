using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>Whom a client may have signed in, and for which scopes: the same at every door, whatever the account has shown.</summary>
internal static class EntryRule
{
    /// <summary>Why <paramref name="account"/> is not let in, asked in the transaction that begins its session; null where it is.</summary>
    public static SignInResult? Refusal(Statements s, AccountSnapshot account, Client client, ScopeSet scopes) =>
        !ClientRegistry.MayStart(s, client) ? new SignInResult.Refused(SignInResult.Refused.ClientRevoked)
            : AdminRoles.MayHave(account.Role, scopes) ? null : new SignInResult.ScopeNotAllowed();
}

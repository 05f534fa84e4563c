using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.UserInfo;

/// <summary>
/// HandleUserInfoRequest, in place of OpenIddict's claims: what the token's scopes say of the account (OpenID Connect Core section
/// 5.3).
/// </summary>
internal sealed class TellAccount(TokenLookup tokens, UserAccounts accounts, KeyProofs proofs)
    : IOpenIddictServerHandler<HandleUserInfoRequestContext>
{
    public async ValueTask HandleAsync(HandleUserInfoRequestContext context)
    {
        var (token, account) = await tokens.FindAsync(context.Request.AccessToken!, accounts.Of);
        if (token is not { Use: TokenUse.Access })
        {
            context.Reject(OpenIddictConstants.Errors.InvalidToken);
            return;
        }
        var http = ConnectRequest.Of(context).Http;
        // One that came in a form was shown by no scheme.
        if (!await proofs.IsHolderAsync(http, ShownToken.Of(http.Request) ?? new(context.Request.AccessToken!, IsByDpop: false), token))
        {
            var refusal = http.Features.Get<ProofRefusal>();
            context.Refuse(OAuthError.Bearer(refusal?.Error ?? OpenIddictConstants.Errors.InvalidToken,
                refusal?.Why ?? "the access token is invalid, expired or revoked", StatusCodes.Status401Unauthorized));
            return;
        }
        var scopes = ScopeSet.Parse(token.Scope);
        if (account is null || !scopes.Contains(ScopeSet.OpenId))
            context.Refuse(OAuthError.Bearer("insufficient_scope", "the scope openid of a user is required", 403));
        else Tell(context, account, scopes);
    }

    private static void Tell(HandleUserInfoRequestContext context, AccountSnapshot account, ScopeSet scopes)
    {
        context.Subject = account.Subject;
        if (scopes.Contains(ScopeSet.Profile))
        {
            context.PreferredUsername = account.UserName;
            if (account.Name is { } name) context.Claims["name"] = name;
            context.Claims["role"] = account.Role;
        }
        if (!scopes.Contains(ScopeSet.Email) || account.Email is not { } email) return;
        (context.Email, context.EmailVerified) = (email, account.EmailConfirmed);
    }
}

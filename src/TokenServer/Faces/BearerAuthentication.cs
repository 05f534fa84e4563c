using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Faces;

/// <summary>Who calls a face: the one reading of the Authorization header (RFC 6750 section 2.1, RFC 9449 section 7.1) for all of
/// them, done once a request.</summary>
internal sealed class BearerAuthentication(
    TokenLookup tokens, AccessTokenKind accessTokens, UserAccounts accounts, KeyProofs proofs, LastUse lastUse)
{
    public async ValueTask<Bearer> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<Bearer>() is { } known) return known;
        var bearer = await ReadAsync(context, ShownToken.Of(context.Request));
        context.Features.Set(bearer);
        return bearer;
    }

    /// <summary>The account that a request counts for: that of its token, where its proof is good so far. No proof is used up by that,
    /// so it may be asked before a limit.</summary>
    public async ValueTask<AccountSnapshot?> FindAccountAsync(HttpContext context)
    {
        if (ShownToken.Of(context.Request) is not { } shown) return null;
        var (token, account) = await FindAsync(context, shown.Text);
        return token is not null && account is { DisabledAt: null } && IsOurs(token) && proofs.SeemsHolder(context, shown, token)
            ? account : null;
    }

    private async ValueTask<Bearer> ReadAsync(HttpContext context, ShownToken? shown)
    {
        if (shown is not { Text: var text } found) return Bearer.Missing;
        var (token, account) = await FindAsync(context, text);
        if (token is not null && !await proofs.IsHolderAsync(context, found, token)) return Bearer.Invalid;
        if (token is not null && !IsOurs(token)) return Bearer.Invalid;
        if (token is { Use: TokenUse.ApiKey, Id: { } key })
            await lastUse.RecordAddressAsync("ApiKeys", key, token.LastAddress, RateLimits.ClientAddress.Of(context));
        if (token is not null && account is { DisabledAt: null }) return new Bearer(token, account, BearerState.Good);
        if (token is { Use: TokenUse.Pin }) return new Bearer(token, null, BearerState.Good);
        return token is null && accessTokens.HasExpired(text) ? Bearer.Expired : Bearer.Invalid;
    }

    // One that was exchanged is for another server; so is one of an application that was not allowed to use the faces.
    private static bool IsOurs(KnownToken token) => token is not ({ Use: TokenUse.Access, SessionId: null } or { Exchanged: not null })
        && (token is not { Client.ActsByConsent: true } || OpensFaces(ScopeSet.Parse(token.Scope)));

    // What the faces tell of an account is what these scopes tell people they allow.
    private static bool OpensFaces(ScopeSet scopes) => scopes.Contains(FirstPartyClient.Audience)
        || scopes.Contains(ScopeSet.Profile) && scopes.Contains(ScopeSet.Email);

    private async ValueTask<(KnownToken? Token, AccountSnapshot? Account)> FindAsync(HttpContext context, string text)
    {
        if (context.Features.Get<Found>() is { } known) return (known.Token, known.Account);
        var (token, account) = await tokens.FindAsync(text, accounts.Of);
        context.Features.Set(new Found(token, account));
        return (token, account);
    }

    private sealed record Found(KnownToken? Token, AccountSnapshot? Account);
}

/// <summary>What a request showed.</summary>
/// <param name="Token">The token; null unless it is good.</param>
/// <param name="Account">The account it stands for; null for a PIN token.</param>
/// <param name="State">Whether it is good, and if not, why.</param>
internal sealed record Bearer(KnownToken? Token, AccountSnapshot? Account, BearerState State)
{
    /// <summary>OAuth's word for a token that is no good (RFC 6750 section 3.1).</summary>
    public const string InvalidCode = "invalid_token";

    public static readonly Bearer Missing = new(null, null, BearerState.Missing),
        Expired = new(null, null, BearerState.Expired), Invalid = new(null, null, BearerState.Invalid);

    /// <summary>Whether it is a session's access token.</summary>
    public bool IsSession => Token is { Use: TokenUse.Access };

    /// <summary>Whether it is the access token of an application that people allowed something: it may read what an API key may.</summary>
    public bool IsApp => IsSession && Token!.Client is { ActsByConsent: true };

    /// <summary>Whether it is the owner himself, who may change what is his.</summary>
    public bool IsOwner => IsSession && !IsApp;

    /// <summary>Who changes what, for a session.</summary>
    public Owner Owner(HttpContext context) => new(Account!.Id, Token!.SessionId!.Value, RateLimits.ClientAddress.Of(context));

    /// <summary>Whether it may be used for what needs <paramref name="scope"/> of an API key, or of an application; any other token of an
    /// account may.</summary>
    public bool May(string scope) => Account is not null
        && (!IsApiKey && !IsApp || Token!.Scope is not { } has || ApiKeyScopes.May(ScopeSet.Parse(has), scope));

    public bool IsApiKey => Token is { Use: TokenUse.ApiKey };
}

/// <summary>Missing: no bearer token at all. Expired: good but for its age. Invalid: anything else.</summary>
internal enum BearerState { Good, Missing, Expired, Invalid }

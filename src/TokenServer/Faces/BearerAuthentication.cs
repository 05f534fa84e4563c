using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Faces;

/// <summary>Who calls a face: the one reading of the Authorization header (RFC 6750 section 2.1) for all of them,
/// done once a request.</summary>
internal sealed class BearerAuthentication(TokenLookup tokens, AccessTokenKind accessTokens, UserAccounts accounts)
{
    public async ValueTask<Bearer> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<Bearer>() is { } known) return known;
        var bearer = await ReadAsync(BearerToken.Of(context.Request));
        context.Features.Set(bearer);
        return bearer;
    }

    private async ValueTask<Bearer> ReadAsync(string? text)
    {
        if (text is null) return Bearer.Missing;
        var (token, account) = await tokens.FindAsync(text, accounts.Of);
        if (token is { Use: TokenUse.Access, SessionId: null }) return Bearer.Invalid;
        if (token is not null && account is { DisabledAt: null }) return new Bearer(token, account, BearerState.Good);
        if (token is { Use: TokenUse.Pin }) return new Bearer(token, null, BearerState.Good);
        return token is null && accessTokens.HasExpired(text) ? Bearer.Expired : Bearer.Invalid;
    }
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

    /// <summary>Who changes what, for a session.</summary>
    public Owner Owner(HttpContext context) => new(Account!.Id, Token!.SessionId!.Value, RateLimits.ClientAddress.Of(context));

    public bool IsApiKey => Token is { Use: TokenUse.ApiKey };
}

/// <summary>Missing: no bearer token at all. Expired: good but for its age. Invalid: anything else.</summary>
internal enum BearerState { Good, Missing, Expired, Invalid }

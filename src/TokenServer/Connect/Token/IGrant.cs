using TokenServer.Clients;
using TokenServer.Tokens;

namespace TokenServer.Connect.Token;

/// <summary>One grant type: it fills in only what is its own; <see cref="TokenEndpoint"/> has done, and does, the rest.</summary>
internal interface IGrant
{
    /// <summary>The <c>grant_type</c>.</summary>
    string Type { get; }

    GrantRules Rules { get; }

    Task<GrantResult> AuthorizeAsync(TokenRequest request);
}

/// <summary>What the endpoint checks for a grant before it is asked.</summary>
/// <param name="AllowsPublicClient">Whether a client without a secret may use it.</param>
/// <param name="CountsAsPassword">Whether it is bounded by <c>RateLimits:Password</c>, else by <c>RateLimits:Token</c>.</param>
internal sealed record GrantRules(bool AllowsPublicClient, bool CountsAsPassword);

/// <summary>A grant that is to be turned into tokens, the answer of one that has a token of its own, or the error to answer with.</summary>
internal readonly record struct GrantResult(Grant? Grant, TokenResponse? Issued, OAuthError? Error)
{
    public static implicit operator GrantResult(Grant grant) => new(grant, null, null);
    public static implicit operator GrantResult(TokenResponse issued) => new(null, issued, null);
    public static implicit operator GrantResult(OAuthError error) => new(null, null, error);
}

/// <summary>What is to be issued: tokens of a session, or of the client itself.</summary>
/// <param name="Session">The user's session; null for the client's own token.</param>
/// <param name="Scopes">The access token's scopes.</param>
/// <param name="RefreshToken">The refresh token that goes along, if one does.</param>
internal sealed record Grant(Session? Session, ScopeSet Scopes, string? RefreshToken);

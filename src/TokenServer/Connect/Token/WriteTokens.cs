using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>
/// GenerateToken, before OpenIddict's handlers: access tokens after RFC 9068 to the letter and without a row, or opaque with one where
/// the client wants them so; the refresh token that the core has made. What is written here OpenIddict writes no more.
/// </summary>
internal sealed class WriteTokens(AccessTokenIssuer issuer) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        var request = ConnectRequest.Of(context);
        if (request.Grant is not { } grant) return;
        // The session is the row; no token of it has one that OpenIddict would have to look at.
        context.CreateTokenEntry = false;
        if (context.TokenType == OpenIddictConstants.TokenTypeIdentifiers.RefreshToken) context.Token = grant.RefreshToken;
        if (context.TokenType != OpenIddictConstants.TokenTypeIdentifiers.AccessToken) return;
        request.Issued = await issuer.IssueAsync(request.Client!, grant, request.Issuer);
        if (request.Issued is null) context.Refuse(OAuthError.TooManyScopes());
        else context.Token = request.Issued.Text;
    }
}

/// <summary>Whether OpenIddict still has a token to write.</summary>
internal sealed class UnlessWritten : IOpenIddictServerHandlerFilter<GenerateTokenContext>
{
    public ValueTask<bool> IsActiveAsync(GenerateTokenContext context) => new(context.Token is null);
}

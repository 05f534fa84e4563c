using System.Globalization;
using System.Security.Claims;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Keys;
using TokenServer.Storage;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>
/// ProcessSignIn, after OpenIddict has begun the id token: when and how the account signed in, and its session (OpenID Connect Core
/// section 2).
/// </summary>
internal sealed class DescribeIdentity : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        var request = ConnectRequest.Of(context);
        if (context.IdentityTokenPrincipal is null || request.Grant?.Session is not { } session) return default;
        var identity = (ClaimsIdentity)context.IdentityTokenPrincipal.Identity!;
        // To the letter; as an address it would end with a slash.
        context.IdentityTokenPrincipal.SetClaim(Claims.Private.Issuer, request.Issuer);
        string authTime = new DateTimeOffset(session.AuthTime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        identity.AddClaim(new Claim(Claims.AuthenticationTime, authTime, ClaimValueTypes.Integer64));
        foreach (string method in session.Methods) identity.AddClaim(new Claim(Claims.AuthenticationMethodReference, method));
        identity.AddClaim(new Claim(Claims.AuthenticationContextReference, AuthenticationContext.Of(session.Methods)));
        identity.AddClaim(new Claim("sid", TimeOrderedId.ToText(session.Id)));
        return default;
    }
}

/// <summary>The values of <c>acr</c> (contract section 9): a password alone, or more than one factor.</summary>
internal static class AuthenticationContext
{
    public const string Password = "urn:tokenserver:acr:pwd", MultiFactor = "urn:tokenserver:acr:mfa";

    /// <summary>What a sign-in by these methods (<c>amr</c>) is.</summary>
    public static string Of(string[] methods) => SignInMethods.AreTwoFactors(methods) ? MultiFactor : Password;
}

/// <summary>
/// GenerateToken, after OpenIddict has chosen the key: an id token is signed with the algorithm that its client registered.
/// </summary>
internal sealed class ChooseIdentityKey(KeyRing keys) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType == TokenTypeIdentifiers.IdentityToken && ConnectRequest.Of(context).Client is { } client)
            context.SigningCredentials = keys.Active(client.IdentityTokenAlgorithm).Credentials;
        return default;
    }
}

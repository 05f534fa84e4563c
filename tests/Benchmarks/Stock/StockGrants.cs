using System.Security.Claims;
using Benchmarks.Servers;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Benchmarks.Stock;

/// <summary>
/// The token endpoint that OpenIddict passes its requests on to. The one user's password is compared, not hashed: no flow measures that.
/// </summary>
internal static class StockGrants
{
    public const string Path = "/connect/token", Scope = "api";
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public static async Task<IResult> ExchangeAsync(HttpContext http)
    {
        var request = http.GetOpenIddictServerRequest()!;
        if (request.IsRefreshTokenGrantType())
            return Results.SignIn((await http.AuthenticateAsync(Scheme)).Principal!, authenticationScheme: Scheme);
        if (request.IsClientCredentialsGrantType()) return SignIn(request.ClientId!, request);
        return (request.Username, request.Password) == (TokenServerProcess.UserName, TokenServerProcess.Password)
            ? SignIn(request.Username!, request) : Results.Forbid(authenticationSchemes: [Scheme]);
    }

    private static IResult SignIn(string subject, OpenIddictRequest request)
    {
        var identity = new ClaimsIdentity(TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, subject).SetClaim(Claims.Name, subject).SetScopes(request.GetScopes());
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: Scheme);
    }
}

using System.Globalization;
using System.Security.Claims;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ValidateToken of a client's assertion, before OpenIddict reads it: private_key_jwt (RFC 7523), whose rules are the core's. Its
/// audience is the issuer or the token endpoint, at the endpoint for pushed requests also that one (RFC 9126 section 2); whatever is
/// wrong, the client has not authenticated.
/// </summary>
internal sealed class ReadAssertion(ClientAssertions assertions) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (!context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion)) return default;
        var request = ConnectRequest.Of(context);
        var assertion = assertions.Read(context.Token!, audience => IsOurs(context, request, audience));
        if (assertion is null || context.Transaction.Request?.ClientId is { } named && named != assertion.Client.ClientId)
        {
            context.Reject(Errors.InvalidClient);
            return default;
        }
        request.Assertion = assertion;
        context.TokenValidationParameters.ClockSkew = ClientAssertions.ClockSkew;
        context.Principal = PrincipalOf(assertion, request.Issuer);
        return default;
    }

    private static bool IsOurs(ValidateTokenContext context, ConnectRequest request, string audience) =>
        audience == request.Issuer || IsOneOf(context, context.Options.TokenEndpointUris, audience)
        || context.EndpointType == OpenIddictServerEndpointType.PushedAuthorization
            && IsOneOf(context, context.Options.PushedAuthorizationEndpointUris, audience);

    private static bool IsOneOf(ValidateTokenContext context, List<Uri> endpoints, string audience) =>
        endpoints.Exists(endpoint => new Uri(context.BaseUri!, endpoint).AbsoluteUri == audience);

    // What OpenIddict looks at again is what was found to be right.
    private static ClaimsPrincipal PrincipalOf(ClientAssertion assertion, string issuer)
    {
        var (id, end) = (assertion.Client.ClientId, new DateTimeOffset(assertion.Until - ClientAssertions.ClockSkew).ToUnixTimeSeconds());
        var identity = new ClaimsIdentity("tokenserver");
        identity.AddClaim(new Claim(Claims.Issuer, id));
        identity.AddClaim(new Claim(Claims.Subject, id));
        identity.AddClaim(new Claim(Claims.Audience, issuer));
        identity.AddClaim(new Claim(Claims.ExpiresAt, end.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64));
        return new ClaimsPrincipal(identity).SetTokenType(TokenTypeIdentifiers.Private.ClientAssertion);
    }
}

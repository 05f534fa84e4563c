using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Connect.Dpop;
using TokenServer.Foundation;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>
/// ProcessSignIn, after OpenIddict's answer is made: <c>expires_in</c>, <c>token_type</c> and, always, <c>scope</c> are those of the access
/// token (contract section 1, RFC 9449 section 5). Of a pushed request, whose rest of time OpenIddict would say, it is the configured time
/// (contract section 9).
/// </summary>
internal sealed class TellIssued(LifetimesOptions lifetimes) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (ConnectRequest.Of(context).Issued is { } issued) Tell(context.Response, issued);
        else if (context.EndpointType == OpenIddictServerEndpointType.PushedAuthorization)
            context.Response.ExpiresIn = (long)lifetimes.PushedRequest.TotalSeconds;
        return default;
    }

    public static void Tell(OpenIddictResponse response, IssuedToken issued)
    {
        if (issued.Token.KeyThumbprint is not null) response.TokenType = DpopAnswers.TokenType;
        response.ExpiresIn = issued.ExpiresIn;
        // Added, not set, so that an empty one is there, too.
        response.AddParameter("scope", issued.Token.Scope);
    }
}

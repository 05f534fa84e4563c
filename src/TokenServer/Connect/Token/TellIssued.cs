using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>
/// ProcessSignIn, after OpenIddict's answer is made: <c>expires_in</c> and, always, <c>scope</c> are those of the access token
/// (contract section 1).
/// </summary>
internal sealed class TellIssued : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (ConnectRequest.Of(context).Issued is { } issued) Tell(context.Response, issued);
        return default;
    }

    public static void Tell(OpenIddictResponse response, IssuedToken issued)
    {
        response.ExpiresIn = issued.ExpiresIn;
        // Added, not set, so that an empty one is there, too.
        response.AddParameter("scope", issued.Token.Scope);
    }
}

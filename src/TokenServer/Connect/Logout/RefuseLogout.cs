using OpenIddict.Server;
using TokenServer.SignIns;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Logout;

/// <summary>
/// ApplyEndSessionResponse, before OpenIddict's: what cannot be read or may not be is told by a page, and never by a redirect (contract
/// section 9).
/// </summary>
internal sealed class RefuseLogout(ILogoutPages pages) : IOpenIddictServerHandler<ApplyEndSessionResponseContext>
{
    public async ValueTask HandleAsync(ApplyEndSessionResponseContext context)
    {
        var request = ConnectRequest.Of(context);
        var refusal = request.Refusal ?? Refusals.Of(context.Response, context.EndpointType);
        await pages.RefuseAsync(request.Http, refusal.Status, refusal.Code, refusal.Description);
        context.HandleRequest();
    }
}

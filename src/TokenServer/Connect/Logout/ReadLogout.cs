using OpenIddict.Server;
using TokenServer.Connect.Requests;
using TokenServer.Foundation;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Logout;

/// <summary>
/// ExtractEndSessionRequest, in place of OpenIddict's: the address of a GET, the form of a POST, each read strictly (OpenID Connect
/// RP-Initiated Logout section 2, contract section 9).
/// </summary>
internal sealed class ReadLogout : IOpenIddictServerHandler<ExtractEndSessionRequestContext>
{
    public async ValueTask HandleAsync(ExtractEndSessionRequestContext context)
    {
        var http = ConnectRequest.Of(context).Http.Request;
        var (request, unreadable) = http.IsRead() ? Form.ReadQuery(http) : await Form.ReadAsync(http);
        if (request is null) context.Refuse(unreadable!);
        else context.Transaction.Request = request;
    }
}

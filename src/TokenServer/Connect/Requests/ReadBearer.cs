using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Foundation;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Requests;

/// <summary>
/// ExtractUserInfoRequest, in place of OpenIddict's: the access token in the header or in a form, in one of them, never in the address
/// (RFC 6750 section 2, RFC 9449 section 7).
/// </summary>
internal sealed class ReadBearer : IOpenIddictServerHandler<ExtractUserInfoRequestContext>
{
    public async ValueTask HandleAsync(ExtractUserInfoRequestContext context)
    {
        var http = ConnectRequest.Of(context).Http.Request;
        context.Request = new OpenIddictRequest();
        if (HttpMethods.IsPost(http.Method) && http.ContentType is not null)
        {
            var (form, unreadable) = await Form.ReadAsync(http);
            if (form is null)
            {
                context.Refuse(unreadable!);
                return;
            }
            context.Request.AccessToken = form.AccessToken;
        }
        if (ShownToken.Of(http) is not (var token, _)) return;
        if (context.Request.AccessToken is null) context.Request.AccessToken = token;
        else context.Refuse(OAuthError.Bearer("invalid_request", "the access token is shown in two ways", StatusCodes.Status400BadRequest));
    }
}

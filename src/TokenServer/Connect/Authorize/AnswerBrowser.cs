using OpenIddict.Server;
using TokenServer.Sessions;
using TokenServer.SignIns;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authorize;

/// <summary>
/// ApplyAuthorizationResponse, in place of OpenIddict's address of the answer, which it does not know for most errors: the address that
/// <see cref="KnowClient"/> found, and the issuer to the letter (RFC 9207). A stored request is used up by an error, too.
/// </summary>
internal sealed class ReturnToClient(AuthorizationRequests requests) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        var request = ConnectRequest.Of(context);
        if (context.Error is { } error && request is { ReturnAddress: not null, Asked.Id: not 0 } && error != Errors.TemporarilyUnavailable
            && !await requests.CloseAsync(request.Asked.Id))
        {
            request.ReturnAddress = null;
            request.Refusal = OAuthError.InvalidRequest("the request was answered already");
        }
        if (request.ReturnAddress is not { } address) return;
        context.RedirectUri = address;
        context.Response.Iss = request.Issuer;
    }
}

/// <summary>
/// ApplyAuthorizationResponse, in place of OpenIddict's last handlers: the answer in the client's address, in a form that the browser sends
/// on, or, where there is no address to answer at, a page (contract section 9).
/// </summary>
internal sealed class AnswerBrowser(IAuthorizationErrorPage page) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    private const string FormPost = "form_post";

    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        var (request, response) = (ConnectRequest.Of(context), context.Response);
        if (context.RedirectUri is not { } address)
        {
            var refusal = request.Refusal ?? Refusals.Of(response, context.EndpointType);
            await page.WriteAsync(request.Http, refusal.Status, refusal.Code, refusal.Description);
        }
        else
        {
            (string Name, string? Value)[] answer =
            [
                (Parameters.Code, response.Code), (Parameters.Error, response.Error),
                (Parameters.ErrorDescription, request.Refusal?.Description ?? response.ErrorDescription),
                (Parameters.State, response.State), (Parameters.Iss, response.Iss),
            ];
            var said = answer.Where(a => a.Value is not null).Select(a => KeyValuePair.Create(a.Name, a.Value!));
            if (context.ResponseMode == FormPost) await BrowserAnswer.PostAsync(request.Http, address, said);
            else BrowserAnswer.Redirect(request.Http, BrowserAnswer.Address(address, said));
        }
        context.HandleRequest();
    }
}

using OpenIddict.Server;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authorize;

/// <summary>
/// GenerateToken, before OpenIddict's handlers: authorization codes and the references of pushed requests, each with the core's row in
/// place of OpenIddict's entry.
/// </summary>
internal sealed class WriteCode(AuthorizationCodes codes, AuthorizationRequests requests) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        var request = ConnectRequest.Of(context);
        if (request.Asked is not { } asked) return;
        context.CreateTokenEntry = context.IsReferenceToken = context.PersistTokenPayload = false;
        if (context.TokenType == TokenTypeIdentifiers.Private.RequestToken)
            // OpenIddict puts the prefix before it.
            context.Token = (await requests.StoreAsync(asked, isPushed: true, browser: null))[ReferenceToken.Request.Length..];
        else if (context.TokenType == TokenTypeIdentifiers.Private.AuthorizationCode) await IssueAsync(context, request, asked);
    }

    private async ValueTask IssueAsync(GenerateTokenContext context, ConnectRequest request, AuthorizationRequest asked)
    {
        try
        {
            context.Token = await codes.IssueAsync(request.Client!, request.Code!, asked.Id == 0 ? null : asked.Id);
        }
        catch (StorageUnavailableException)
        {
            context.Refuse(OAuthError.Unavailable());
            return;
        }
        if (context.Token is not null) return;
        request.ReturnAddress = null;
        context.Refuse(OAuthError.InvalidRequest("the request was answered already"));
    }
}

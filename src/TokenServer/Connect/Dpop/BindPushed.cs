using OpenIddict.Server;
using TokenServer.SignIns;
using TokenServer.Tokens.Dpop;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Dpop;

/// <summary>
/// ValidatePushedAuthorizationRequest, after all else: a proof at this endpoint is as good as <c>dpop_jkt</c>, and where both are there
/// they
/// name the same key (RFC 9449 section 10.1).
/// </summary>
internal sealed class BindPushed(KeyProofs proofs) : IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>
{
    public async ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        if (await proofs.UseAsync(request.Http, request.Client!.DpopBoundAccessTokens) is not { } result) return;
        if (DpopAnswers.ErrorOf(result) is { } error) context.Refuse(error);
        else if (result is ProofResult.Proven { Thumbprint: var thumbprint })
        {
            if (request.Asked!.KeyThumbprint is { } named && named != thumbprint)
                context.Refuse(DpopAnswers.InvalidProof("the DPoP proof is by another key than dpop_jkt names"));
            else request.Asked = request.Asked.For(thumbprint);
        }
    }
}

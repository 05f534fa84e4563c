using OpenIddict.Server;
using TokenServer.SignIns;
using TokenServer.Tokens.Dpop;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Dpop;

/// <summary>
/// ValidateTokenRequest, after the client has proved who it is and may ask: the key that it proves, of any grant; without one it is refused
/// where its registration says that all its tokens are bound (RFC 9449 sections 5 and 5.2, contract section 9).
/// </summary>
internal sealed class ProveKey(KeyProofs proofs) : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        bool isDemanded = request.Client!.DpopBoundAccessTokens;
        var result = proofs.Check(request.Http, needsNonce: isDemanded);
        if (result is null && isDemanded)
            context.Refuse(DpopAnswers.InvalidProof("the client has to prove a key: the DPoP header is missing"));
        else if (result is not null && DpopAnswers.ErrorOf(result) is { } error) context.Refuse(error);
        request.Proof = result as ProofResult.Proven;
        return default;
    }
}

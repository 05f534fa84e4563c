using TokenServer.Tokens.Dpop;

namespace TokenServer.Connect.Dpop;

/// <summary>What is said of proofs at the endpoints that give tokens out (RFC 9449 sections 5 and 8).</summary>
internal static class DpopAnswers
{
    /// <summary>The <c>token_type</c> of an access token that is bound to a key.</summary>
    public const string TokenType = "DPoP";

    public static OAuthError InvalidProof(string description) => new("invalid_dpop_proof", description);

    /// <summary>The error of a proof that is none; null where it is one.</summary>
    public static OAuthError? ErrorOf(ProofResult result) => result switch
    {
        ProofResult.Wrong(var why) => InvalidProof($"the DPoP proof is refused: {why}"),
        ProofResult.NonceDue => new("use_dpop_nonce", "the proof has to be made with the nonce of this answer"),
        _ => null,
    };
}

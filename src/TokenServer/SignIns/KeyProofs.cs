using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Telemetry;
using TokenServer.Tokens;
using TokenServer.Tokens.Dpop;

namespace TokenServer.SignIns;

/// <summary>What the DPoP header of a request proves (RFC 9449 sections 4.1 and 7.1), for all that take access tokens, and for what gives
/// them out. Whatever is to be signed from now on is in the answer's <c>DPoP-Nonce</c>.</summary>
internal sealed class KeyProofs(DpopProofs proofs, TokenLookup tokens, Issuer issuer, Instruments instruments)
{
    public const string Header = "DPoP", NonceHeader = "DPoP-Nonce";
    private const string InvalidToken = "invalid_token", InvalidProof = "invalid_dpop_proof", UseNonce = "use_dpop_nonce";
    private static readonly string Algorithms = string.Join(' ', ProofKey.Algorithms);

    /// <summary>What is proved, and used up by that; null where there is no such header.</summary>
    /// <inheritdoc cref="Check(HttpContext, bool)"/>
    public ValueTask<ProofResult?> UseAsync(HttpContext http, bool needsNonce) => UseAsync(http, Check(http, needsNonce));

    /// <summary>What is proved, not used up yet; null where there is no such header. A request's proof is looked at once.</summary>
    /// <param name="http">The request.</param>
    /// <param name="needsNonce">Whether a proof has to have a nonce.</param>
    public ProofResult? Check(HttpContext http, bool needsNonce)
    {
        if (http.Features.Get<Seen>() is { } seen && seen.NeededNonce == needsNonce) return seen.Result;
        var result = Check(http, needsNonce, null, null);
        if (result is not null) http.Features.Set(new Seen(result, needsNonce, IsUsed: false));
        return result;
    }

    /// <summary>Uses up what is a proof; where another request has used it, it is none.</summary>
    public async ValueTask<ProofResult?> UseAsync(HttpContext http, ProofResult? result)
    {
        if (result is not ProofResult.Proven proof || http.Features.Get<Seen>() is not { IsUsed: false } seen) return result;
        var used = await UseAsync(proof);
        http.Features.Set(seen with { Result = used, IsUsed = true });
        return used;
    }

    private async ValueTask<ProofResult> UseAsync(ProofResult.Proven proof)
    {
        bool isFirst = await proofs.UseAsync(proof);
        instruments.KeyProofShown(isFirst ? "good" : "used");
        return isFirst ? proof : ProofResult.Used;
    }

    /// <summary>Whether who shows an access token that is good may show it so: one that is bound to a key by its holder, any other by
    /// anybody. Where not, the answer's challenge says why.</summary>
    public async ValueTask<bool> IsHolderAsync(HttpContext http, ShownToken shown, KnownToken token)
    {
        if (token.KeyThumbprint is not { } key)
            return !shown.IsByDpop || Refuse(http, InvalidToken, "the access token is bound to no key: show it as Bearer");
        if (!shown.IsByDpop) return Refuse(http, InvalidToken, "the access token is bound to a key: show it as DPoP, with a proof");
        var result = CheckBeside(http, shown, token.Client!, key);
        switch (result is ProofResult.Proven proof ? await UseAsync(proof) : result)
        {
            case ProofResult.Proven:
                // The proof was kept on disk; the token may have been revoked meanwhile.
                return await tokens.FindAsync(shown.Text) is not null;
            case ProofResult.NonceDue:
                return Refuse(http, UseNonce, "the proof has to be made with the nonce of this answer");
            case ProofResult.Wrong(var why):
                return Refuse(http, InvalidProof, $"the DPoP proof is refused: {why}");
            default:
                return Refuse(http, InvalidProof, "the DPoP header is missing");
        }
    }

    /// <summary>Whether it seems so, by which nothing is used up and nothing refused: whom a request counts for, before it is let
    /// on.</summary>
    public bool SeemsHolder(HttpContext http, ShownToken shown, KnownToken token) => token.KeyThumbprint is { } key
        ? shown.IsByDpop && CheckBeside(http, shown, token.Client!, key) is ProofResult.Proven : !shown.IsByDpop;

    // A request's proof beside a token is looked at once, too.
    private ProofResult? CheckBeside(HttpContext http, ShownToken shown, Client client, string key)
    {
        if (http.Features.Get<SeenBeside>() is { } seen && seen.Token == shown.Text && seen.Key == key) return seen.Result;
        var result = Check(http, client.DpopBoundAccessTokens, shown.Text, key);
        http.Features.Set(new SeenBeside(result, shown.Text, key));
        return result;
    }

    private ProofResult? Check(HttpContext http, bool needsNonce, string? accessToken, string? thumbprint)
    {
        if (!http.Request.Headers.TryGetValue(Header, out var headers)) return null;
        if (headers is not [{ } text]) return Count("wrong", new ProofResult.Wrong("there is more than one"));
        string address = issuer.Address(http.Request, http.Request.Path.ToUriComponent());
        var result = proofs.Check(new(text, http.Request.Method, address)
            { NeedsNonce = needsNonce, AccessToken = accessToken, Thumbprint = thumbprint });
        switch (result)
        {
            case ProofResult.Proven { Nonce: { } next }:
                http.Response.Headers[NonceHeader] = next;
                break;
            case ProofResult.NonceDue(var due):
                http.Response.Headers[NonceHeader] = due;
                return Count("nonce_due", result);
            case ProofResult.Wrong:
                return Count("wrong", result);
        }
        return result;
    }

    private ProofResult Count(string outcome, ProofResult result)
    {
        instruments.KeyProofShown(outcome);
        return result;
    }

    private static bool Refuse(HttpContext http, string error, string why)
    {
        http.Features.Set(new ProofRefusal(error, why, Algorithms));
        return false;
    }

    /// <summary>What was found out of a request that shows a token.</summary>
    private sealed record SeenBeside(ProofResult? Result, string Token, string Key);

    /// <summary>What was found out of a request for tokens.</summary>
    private sealed record Seen(ProofResult Result, bool NeededNonce, bool IsUsed);
}

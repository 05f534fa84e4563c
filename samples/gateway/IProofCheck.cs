using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>The one place where a check of DPoP proofs (RFC 9449 section 7) is plugged in: register another as a service.</summary>
public interface IProofCheck
{
    /// <summary>What is wrong with the proof of a request.</summary>
    /// <param name="request">The request: its header <c>DPoP</c>, its method and address.</param>
    /// <param name="scheme">The scheme that the token came by: <c>Bearer</c> or <c>DPoP</c>.</param>
    /// <param name="token">The token, of which the proof has a hash (<c>ath</c>).</param>
    /// <param name="claims">What it says; <c>cnf.jkt</c> is the key it is bound to.</param>
    /// <returns>Null where nothing is: the token is bound to no key and came as <c>Bearer</c>, or is proved; else a word for
    /// <c>WWW-Authenticate</c> (RFC 9449 section 7.1).</returns>
    ValueTask<string?> ProblemOfAsync(HttpRequest request, string scheme, string token, JsonElement claims);
}

/// <summary>Without a check of proofs no token passes that needs one.</summary>
public sealed class NoProofs : IProofCheck
{
    public ValueTask<string?> ProblemOfAsync(HttpRequest request, string scheme, string token, JsonElement claims) =>
        new(claims.TryGetProperty("cnf", out _) || !scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? "invalid_dpop_proof" : null);
}

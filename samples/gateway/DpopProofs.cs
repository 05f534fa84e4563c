using System.Collections.Concurrent;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>Proofs of keys (DPoP, RFC 9449 section 7) by the sample's own check: a token that is bound to a key comes with a proof of it, each
/// proof once. What was used is remembered by this gateway alone: several that serve one address share it elsewhere, in Redis say.</summary>
public sealed class DpopProofs(GatewayOptions options, TimeProvider clock) : IProofCheck
{
    private const int Most = 200_000;
    private readonly ConcurrentDictionary<string, DateTimeOffset> used = new();

    public ValueTask<string?> ProblemOfAsync(HttpRequest request, string scheme, string token, JsonElement claims)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(IsProved(request, scheme, token, claims) ? null : "invalid_dpop_proof");
    }

    private bool IsProved(HttpRequest request, string scheme, string token, JsonElement claims)
    {
        bool isProof = scheme == "DPoP";
        if (!claims.TryGetProperty("cnf", out var bound)) return !isProof;
        if (!isProof || KeySet.Text(bound, "jkt") is not { } thumbprint || request.Headers["DPoP"] is not [{ } proof]) return false;
        // As the client calls it. Not what Host says: that is the caller's own word, and a proof for another server is none for this one.
        if (options.Origin.Length == 0) return false;
        var address = new Uri($"{options.Origin}{request.PathBase.ToUriComponent()}{request.Path.ToUriComponent()}");
        return Dpop.Check(proof, request.Method, address, token, thumbprint, IsFirst, clock) is null;
    }

    private bool IsFirst(string id, DateTimeOffset until)
    {
        if (used.Count >= Most)
        {
            var now = clock.GetUtcNow();
            foreach (var (old, end) in used)
                if (end < now) used.TryRemove(KeyValuePair.Create(old, end));
            // Who cannot remember more cannot say that a proof is new.
            if (used.Count >= Most) return false;
        }
        return used.TryAdd(id, until);
    }
}

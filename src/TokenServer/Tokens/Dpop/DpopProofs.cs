using TokenServer.Storage;

namespace TokenServer.Tokens.Dpop;

/// <summary>Decides whether a request proves a key (RFC 9449 section 4.3), wherever it is shown: at the token endpoint, where it binds what
/// is issued, and beside an access token, which it shows to be its holder's.</summary>
internal sealed class DpopProofs(DpopNonces nonces, IUsedProofs used, TimeProvider clock)
{
    /// <summary>How far a proof's <c>iat</c> may be from now, either way; and where a nonce says how old it is.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60), WindowWithNonce = DpopNonces.Lifetime;

    // So much longer than a proof is good its id is kept: the clocks of replicas differ.
    public static readonly TimeSpan Longer = TimeSpan.FromMinutes(1);
    private readonly ProofKeys keys = new();

    /// <summary>Looks at a proof. It is not used up by that: who goes on with it has to <see cref="UseAsync"/> it.</summary>
    public ProofResult Check(ShownProof shown)
    {
        var (key, payload, problem) = keys.Read(shown.Text);
        if (key is null) return new ProofResult.Wrong(problem!);
        var (claims, unread) = ProofClaims.Read(payload);
        if (claims is null) return new ProofResult.Wrong(unread!);
        if (ProblemOf(claims, key, shown) is { } wrong) return new ProofResult.Wrong(wrong);
        var age = claims.Nonce is { } nonce ? nonces.AgeOf(nonce) : NonceAge.Over;
        if (age == NonceAge.Over && (claims.Nonce is not null || shown.NeedsNonce)) return new ProofResult.NonceDue(nonces.Next());
        if (used.UnknownBefore is { } moment && !(claims.Nonce is { } given && DpopNonces.GivenAt(given) >= moment))
            return new ProofResult.NonceDue(nonces.Next());
        var window = claims.Nonce is null ? Window : WindowWithNonce;
        if (!IsNow(claims, window)) return new ProofResult.Wrong("its iat, nbf or exp says that it is not for now");
        var until = DateTimeOffset.FromUnixTimeSeconds(claims.IssuedAt).UtcDateTime + window + Longer;
        return new ProofResult.Proven(key.Thumbprint, claims.Id, until, age == NonceAge.Fresh ? null : nonces.Next());
    }

    /// <summary>Uses a proof up; false where it was used before, here or on another replica.</summary>
    /// <exception cref="StorageUnavailableException">That is not known.</exception>
    public ValueTask<bool> UseAsync(ProofResult.Proven proof) => used.UseAsync(proof);

    private static string? ProblemOf(ProofClaims claims, ProofKey key, ShownProof shown)
    {
        if (claims.Method != shown.Method) return "its htm is not the request's method";
        if (!RequestAddress.IsSame(claims.Address, shown.Address)) return "its htu is not the request's address";
        if (shown.AccessToken is not { } token) return null;
        if (claims.TokenHash != Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token))))
            return "its ath is not the access token's hash";
        return shown.Thumbprint == key.Thumbprint ? null : "it is by another key than the access token is bound to";
    }

    private bool IsNow(ProofClaims claims, TimeSpan window)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds(), skew = (long)Window.TotalSeconds;
        return Math.Abs(now - claims.IssuedAt) <= (long)window.TotalSeconds
            && !(claims.NotBefore > now + skew) && !(claims.ExpiresAt <= now - skew);
    }
}

/// <summary>A proof and the request that it came with.</summary>
/// <param name="Text">The proof.</param>
/// <param name="Method">The request's method.</param>
/// <param name="Address">The request's address as clients see it, without query.</param>
internal sealed record ShownProof(string Text, string Method, string Address)
{
    /// <summary>Whether it is good only with a nonce.</summary>
    public bool NeedsNonce { get; init; }

    /// <summary>The access token that goes along; null where one is asked for.</summary>
    public string? AccessToken { get; init; }

    /// <summary>The key that the access token is bound to.</summary>
    public string? Thumbprint { get; init; }
}

/// <summary>What a proof has shown.</summary>
internal abstract record ProofResult
{
    /// <summary>The key is the caller's.</summary>
    /// <param name="Thumbprint">Which.</param>
    /// <param name="Id">Its <c>jti</c>.</param>
    /// <param name="Until">When it is refused for its age, UTC, on any replica.</param>
    /// <param name="Nonce">What is to be signed from now on; null where what was signed is good for a while yet.</param>
    internal sealed record Proven(string Thumbprint, string Id, DateTime Until, string? Nonce) : ProofResult;

    /// <summary>It was good, and was used before.</summary>
    public static ProofResult Used { get; } = new Wrong("its jti was used before");

    /// <summary>It is no proof.</summary>
    /// <param name="Why">Of the proof, as the end of a sentence.</param>
    internal sealed record Wrong(string Why) : ProofResult;

    /// <summary>It has to be made anew, with this nonce.</summary>
    internal sealed record NonceDue(string Nonce) : ProofResult;
}

namespace TokenServer.Foundation;

/// <summary>The access token that a request shows (RFC 6750 section 2.1, RFC 9449 section 7.1): in the header, once; never in the
/// address.</summary>
/// <param name="Text">The token.</param>
/// <param name="IsByDpop">Whether by the scheme <c>DPoP</c>, as one that is bound to a key; else by <c>Bearer</c>.</param>
internal readonly record struct ShownToken(string Text, bool IsByDpop)
{
    private const string Bearer = "Bearer", Dpop = "DPoP", Realm = "realm=\"TokenServer\"";

    /// <summary>The token, or null where there is no header of either scheme with something in it.</summary>
    public static ShownToken? Of(HttpRequest request) => request.Headers.Authorization is not [{ } one] ? null
        : After(Bearer, one) is { } token ? new(token, false) : After(Dpop, one) is { } bound ? new(bound, true) : null;

    /// <summary>The challenge of a refusal (RFC 6750 section 3, RFC 9449 section 7.1).</summary>
    /// <param name="context">The request that is refused.</param>
    /// <param name="error">What is wrong with the token, in OAuth's word; null where none was shown.</param>
    public static string Challenge(HttpContext context, string? error = null)
    {
        if (context.Features.Get<ProofRefusal>() is { } proof)
            return $"{Dpop} {Realm}, error=\"{proof.Error}\", error_description=\"{proof.Why}\", algs=\"{proof.Algorithms}\"";
        string scheme = Of(context.Request) is { IsByDpop: true } ? Dpop : Bearer;
        return error is null ? $"{scheme} {Realm}" : $"{scheme} {Realm}, error=\"{error}\"";
    }

    private static string? After(string scheme, string header) => header.Length > scheme.Length && header[scheme.Length] == ' '
        && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
        && header[scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
}

/// <summary>That a request has not proved the key that its access token is bound to (RFC 9449 section 7.1).</summary>
/// <param name="Error">OAuth's word.</param>
/// <param name="Why">What is wrong, in printable ASCII without quotes.</param>
/// <param name="Algorithms">What a proof may be signed with.</param>
internal sealed record ProofRefusal(string Error, string Why, string Algorithms);

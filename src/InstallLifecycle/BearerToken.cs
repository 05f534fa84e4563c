namespace InstallLifecycle;

/// <summary>Bearer tokens of requests and what is said where they are no good (RFC 6750 sections 2.1 and 3).</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ", Realm = "Bearer realm=\"SlowDNS\"";

    /// <summary>The token in the header; null where there is none.</summary>
    public static string? Of(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } one && one.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && one[Scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
    }

    /// <summary>Sets the challenge of a 401.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wasShown">Whether it showed a token, in the header or in its body.</param>
    public static void Challenge(HttpContext context, bool wasShown) =>
        context.Response.Headers.WWWAuthenticate = wasShown ? Realm + ", error=\"invalid_token\"" : Realm;
}

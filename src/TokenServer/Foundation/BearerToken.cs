namespace TokenServer.Foundation;

/// <summary>The bearer token of a request (RFC 6750 section 2.1): in the header, once; never in the address.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The token, or null where there is no header of that scheme with something in it.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization is [{ } one] && one.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && one[Scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
}

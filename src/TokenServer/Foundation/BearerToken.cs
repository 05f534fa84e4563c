namespace TokenServer.Foundation;

/// <summary>The bearer token of a request (RFC 6750 section 2.1): in the header, once; never in the address.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ", Realm = "Bearer realm=\"TokenServer\"";

    /// <summary>The token, or null where there is no header of that scheme with something in it.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization is [{ } one] && one.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && one[Scheme.Length..].Trim() is { Length: > 0 } token ? token : null;

    /// <summary>The challenge of a refusal (RFC 6750 section 3).</summary>
    /// <param name="error">What is wrong with the token, in OAuth's word; null where none was shown.</param>
    public static string Challenge(string? error = null) => error is null ? Realm : $"{Realm}, error=\"{error}\"";
}

namespace TokenServer.Tokens.Dpop;

/// <summary>Compares a proof's <c>htu</c> with an address (RFC 9449 section 4.3): without query and fragment, after the normalization of
/// RFC 3986 sections 6.2.2 and 6.2.3.</summary>
internal static class RequestAddress
{
    private const UriComponents Compared = UriComponents.SchemeAndServer | UriComponents.Path;

    /// <summary>Whether <paramref name="said"/> is <paramref name="actual"/>.</summary>
    public static bool IsSame(string said, string actual) => said == actual
        || Uri.TryCreate(said, UriKind.Absolute, out var one) && Uri.TryCreate(actual, UriKind.Absolute, out var other)
        && one.Scheme is "https" or "http" && one.UserInfo.Length == 0
        && one.GetComponents(Compared, UriFormat.UriEscaped) == other.GetComponents(Compared, UriFormat.UriEscaped);
}

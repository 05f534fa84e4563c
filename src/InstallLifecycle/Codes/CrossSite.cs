namespace InstallLifecycle.Codes;

/// <summary>Whether a browser says that another site sent a request (contract section 5, route 2).
/// Without such headers it was no browser.</summary>
public static class CrossSite
{
    /// <summary>Whether <paramref name="request"/> came from another site.</summary>
    /// <param name="request">The request.</param>
    public static bool Is(HttpRequest request)
    {
        var (origin, site) = (request.Headers.Origin, request.Headers["Sec-Fetch-Site"]);
        if (origin.Count > 0 && !(origin is [var one] && WebOrigin.Canonical(one) is { } from && from == WebOrigin.Of(request)))
            return true;
        return site.Count > 0 && !(site.Count == 1 && site[0] is "same-origin" or "none");
    }
}

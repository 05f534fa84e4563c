using Microsoft.AspNetCore.WebUtilities;
using TokenServer.Foundation;
using TokenServer.Sessions;

namespace TokenServer.Web.Authorization;

/// <summary>The client's request that a page is a step of, as the path says that the page leads back to (contract section 9). It is stored:
/// nothing that a page shows or does of it comes from an address.</summary>
internal sealed class ClientRequests(AuthorizationRequests requests)
{
    private const string Endpoint = "/connect/authorize?";

    /// <summary>The request that <paramref name="returnPath"/> leads back to; null where it is none, or over. The page may show it, and its
    /// forms may lead to the client.</summary>
    public ClientRequest? Find(HttpContext context, string returnPath)
    {
        if (!returnPath.StartsWith(Endpoint, StringComparison.Ordinal)) return null;
        var query = QueryHelpers.ParseQuery(returnPath[(Endpoint.Length - 1)..]);
        if (!query.TryGetValue("request_uri", out var uris) || uris is not [{ } uri] || requests.Find(uri) is not { } request) return null;
        var found = new ClientRequest(uri, returnPath, request);
        context.Features.Set(found);
        FormTargets.Allow(context, request.RedirectUri);
        return found;
    }
}

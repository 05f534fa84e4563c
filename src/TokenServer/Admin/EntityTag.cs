using Microsoft.Net.Http.Headers;

namespace TokenServer.Admin;

/// <summary>ETag and If-Match (RFC 9110 sections 8.8.3 and 13.1.1):
/// a change of what was changed in the meantime is refused with 412.</summary>
internal static class EntityTag
{
    public static void Set(HttpContext context, string version) => context.Response.Headers.ETag = $"\"{version}\"";

    /// <summary>Whether the caller saw <paramref name="version"/>, or takes any: one tag of the list must be it,
    /// compared strongly.</summary>
    public static bool Allows(HttpRequest request, string version)
    {
        if (request.Headers.IfMatch.Count == 0) return true;
        return EntityTagHeaderValue.TryParseStrictList(request.Headers.IfMatch.ToArray()!, out var tags)
            && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || !tag.IsWeak && tag.Tag == $"\"{version}\"");
    }

    /// <summary><paramref name="refused"/>, in better words where the If-Match of <paramref name="request"/> could match nothing.</summary>
    public static Problem Explain(HttpRequest request, Problem refused)
    {
        if (refused.Status != StatusCodes.Status412PreconditionFailed) return refused;
        if (!EntityTagHeaderValue.TryParseStrictList(request.Headers.IfMatch.ToArray()!, out var tags))
            return refused with { Detail = "If-Match must be an ETag as it was answered, with its quotes." };
        return tags.All(tag => tag.IsWeak) ? refused with
        {
            Detail = "If-Match has a weak tag (W/), which matches nothing. A proxy that compresses makes tags weak: send it without W/.",
        } : refused;
    }
}

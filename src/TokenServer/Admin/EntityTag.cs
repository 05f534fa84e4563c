namespace TokenServer.Admin;

/// <summary>ETag and If-Match (RFC 9110 sections 8.8.3 and 13.1.1): a change of what was changed in the meantime is refused with 412.</summary>
internal static class EntityTag
{
    public static void Set(HttpContext context, string version) => context.Response.Headers.ETag = $"\"{version}\"";

    /// <summary>The version the caller saw; null where it takes any.</summary>
    public static string? Expected(HttpRequest request) => request.Headers.IfMatch is [{ Length: > 0 } one] && one != "*" ? one.Trim().Trim('"') : null;
}

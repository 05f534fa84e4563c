using TokenServer.RateLimits;

namespace TokenServer.Faces;

/// <summary>Says when a refused request may be tried again (RFC 9110 section 10.2.3).</summary>
internal static class RetryAfter
{
    public static IResult Set(HttpContext context, RateLease lease, IResult answer)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(lease.RetryAfter.TotalSeconds)).ToString();
        return answer;
    }
}

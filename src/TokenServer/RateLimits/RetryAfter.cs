namespace TokenServer.RateLimits;

/// <summary>Says when a refused request may be tried again (RFC 9110 section 10.2.3).</summary>
internal static class RetryAfter
{
    public static IResult Set(HttpContext context, RateLease lease, IResult answer)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(lease.RetryAfter.TotalSeconds)).ToString();
        return answer;
    }

    /// <summary>Adds it to an answer that says the server is busy.</summary>
    public static IResult Later(IResult answer) => new Busy(answer);

    private sealed class Busy(IResult answer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = "5";
            return answer.ExecuteAsync(httpContext);
        }
    }
}

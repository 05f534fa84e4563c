namespace TokenServer.Sample.Gateway;

/// <summary>Lets a request through whose token is good, and answers the others (RFC 6750 section 3). What it opened, a WebSocket or an answer
/// that goes on, is cut off when the token is good no more.</summary>
public sealed class Gate(TokenCheck tokens, IProofCheck proofs, GatewayMeter meter, TimeProvider clock)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <summary>Judges a request; <paramref name="next"/> is whoever it is for.</summary>
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        if (TokenOf(context.Request) is not var (scheme, token))
        {
            Refuse(context, StatusCodes.Status401Unauthorized, "refused", "Bearer");
            return;
        }
        var (verdict, held) = await tokens.JudgeAsync(token, context.RequestAborted);
        if (verdict == Verdict.Unknown)
        {
            context.Response.Headers.RetryAfter = "1";
            Refuse(context, StatusCodes.Status503ServiceUnavailable, "stale", null);
        }
        else if (verdict != Verdict.Good || held is null)
            Refuse(context, StatusCodes.Status401Unauthorized, verdict == Verdict.Revoked ? "revoked" : "refused",
                $"{scheme} error=\"invalid_token\"");
        else if (await proofs.ProblemOfAsync(context.Request, scheme, token, held.Claims) is { } problem)
            Refuse(context, StatusCodes.Status401Unauthorized, "refused", $"DPoP error=\"{problem}\", algs=\"ES256\"");
        else
        {
            meter.Decided("passed");
            using var over = new CancellationTokenSource();
            var watching = WatchAsync(context, held, over.Token);
            try
            {
                await next(context);
            }
            finally
            {
                await over.CancelAsync();
                await watching;
            }
        }
    }

    private async Task WatchAsync(HttpContext context, HeldToken held, CancellationToken over)
    {
        try
        {
            using var timer = new PeriodicTimer(Between, clock);
            while (await timer.WaitForNextTickAsync(over))
                if (await tokens.JudgeAsync(held, over) != Verdict.Good) break;
            meter.CutOff();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // It ended by itself.
        }
        finally
        {
            // However the watch ends, nothing stays open unwatched.
            if (!over.IsCancellationRequested) context.Abort();
        }
    }

    private static (string Scheme, string Token)? TokenOf(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header]) return null;
        string[] parts = header.Split(' ', 2, StringSplitOptions.TrimEntries);
        if (parts.Length != 2) return null;
        return parts[0].ToUpperInvariant() switch
        {
            "BEARER" => ("Bearer", parts[1]),
            "DPOP" => ("DPoP", parts[1]),
            _ => null,
        };
    }

    private void Refuse(HttpContext context, int status, string outcome, string? challenge)
    {
        meter.Decided(outcome);
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        if (challenge is not null) context.Response.Headers.WWWAuthenticate = challenge;
    }
}

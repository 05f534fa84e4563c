using System.Reflection;
using TokenServer.Accounts.Pins;
using TokenServer.Foundation;
using TokenServer.RateLimits;
using TokenServer.Tokens;

namespace TokenServer.Faces.Pin;

/// <summary>POST /api/auth, GET /api/status.</summary>
internal static class PinEndpoints
{
    private static readonly string Version =
        typeof(PinEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/auth", AuthenticateAsync);
        routes.MapGet("/api/status", StatusAsync);
    }

    private static async Task<IResult> AuthenticateAsync(HttpContext context, PinFile file, PinTokens tokens, PinLimit limit)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("pin", PinFile.LongestPin));
        if (fields is not [var pin]) return PlainAnswers.Error(refusal!);
        if (await limit.TakeAsync(context) is { Allowed: false } lease)
            return RetryAfter.Set(context, lease, PlainAnswers.Error(StatusCodes.Status429TooManyRequests, "Rate limited"));
        try
        {
            var (isRight, hash) = await file.VerifyAsync(pin, ClientAddress.Of(context));
            return isRight switch
            {
                true => new JsonAnswer<PinTokenAnswer>(StatusCodes.Status200OK,
                    new(await tokens.IssueAsync(hash)), PinJson.Default.PinTokenAnswer),
                false => PlainAnswers.Unauthorized("Invalid PIN"),
                null => PlainAnswers.Busy(),
            };
        }
        catch (PinFileException e)
        {
            return PlainAnswers.Error(StatusCodes.Status500InternalServerError, $"Failed to read PIN hash: {e.Message}");
        }
    }

    private static async Task<IResult> StatusAsync(HttpContext context, BearerAuthentication bearers, Uptime uptime)
    {
        var bearer = await bearers.ReadAsync(context);
        if (bearer is not { Token: { Use: TokenUse.Pin, ExpiresAt: { } end } }) return PlainAnswers.NoGoodToken(bearer);
        var answer = new StatusAnswer("ok", Version, uptime.Seconds, Timestamps.Of(DateTimeOffset.FromUnixTimeSeconds(end).UtcDateTime));
        return new JsonAnswer<StatusAnswer>(StatusCodes.Status200OK, answer, PinJson.Default.StatusAnswer);
    }
}

internal sealed record PinTokenAnswer(string Token);

internal sealed record StatusAnswer(string Status, string Version, long UptimeSeconds, string TokenExpiresAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PinTokenAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
internal sealed partial class PinJson : JsonSerializerContext;

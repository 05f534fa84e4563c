using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Faces;

/// <summary>Error answers of the PIN and Account faces: <c>{error}</c>.</summary>
internal static class PlainAnswers
{
    public const string NoToken = "Authentication required", SignInAgain = "Sign in again";

    public static IResult Error(int status, string error) => new JsonAnswer<ErrorAnswer>(status, new(error), PlainJson.Default.ErrorAnswer);
    public static IResult Error(Refusal refusal) => Error(refusal.Status, refusal.Error);
    public static IResult BadRequest(string error) => Error(StatusCodes.Status400BadRequest, error);
    public static IResult Unauthorized(string error) => Error(StatusCodes.Status401Unauthorized, error);
    public static IResult Busy() => RetryAfter.Later(Error(StatusCodes.Status503ServiceUnavailable, FaceErrors.Busy));

    /// <summary>What to say to a request without the owner's token; an API key or an application's token is good, but not here.</summary>
    public static IResult Refuse(Bearer bearer) =>
        FaceErrors.NotHere(bearer) is { } why ? Error(StatusCodes.Status403Forbidden, why) : NoGoodToken(bearer);

    /// <summary>What to say to a request without a token that is good here.</summary>
    public static IResult NoGoodToken(Bearer bearer) =>
        new JsonAnswer<ErrorAnswer>(StatusCodes.Status401Unauthorized, new(NoToken), PlainJson.Default.ErrorAnswer)
        {
            TokenError = bearer.State == BearerState.Missing ? null : Bearer.InvalidCode,
        };

    /// <summary>The shape of what no endpoint wrote.</summary>
    public static Task WriteAsync(HttpContext context, Fault fault) => FaceErrors.WriteAsync(context, fault, Error);
}

/// <summary><c>{error}</c>.</summary>
internal sealed record ErrorAnswer([property: JsonPropertyName("error")] string Error);

[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class PlainJson : JsonSerializerContext;

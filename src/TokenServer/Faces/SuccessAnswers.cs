using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Faces;

/// <summary>Error answers of InTunnel and VPN Enterprise: <c>{success:false,error}</c>.</summary>
internal static class SuccessAnswers
{
    public const string NoToken = "Authentication required", ExpiredToken = "Token expired", InvalidToken = "Invalid token";
    public const string WrongPassword = "Invalid email or password",
        WrongCode = "Invalid verification code", WrongTempToken = "Invalid or expired temp token";

    public static IResult Error(int status, string error) =>
        new JsonAnswer<FailureAnswer>(status, new(false, error), SuccessJson.Default.FailureAnswer);
    public static IResult Error(Refusal refusal) => Error(refusal.Status, refusal.Error);
    public static IResult BadRequest(string error) => Error(StatusCodes.Status400BadRequest, error);
    public static IResult Unauthorized(string error) => Error(StatusCodes.Status401Unauthorized, error);
    public static IResult TooMany() => Error(StatusCodes.Status429TooManyRequests, FaceErrors.TooMany);
    public static IResult Busy() => RetryAfter.Later(Error(StatusCodes.Status503ServiceUnavailable, FaceErrors.Busy));

    /// <summary>What to say to a request without the owner's token; an API key or an application's token is good,
    /// but not here.</summary>
    public static IResult Refuse(Bearer bearer) => bearer switch
    {
        _ when FaceErrors.NotHere(bearer) is { } why => Error(StatusCodes.Status403Forbidden, why),
        { State: BearerState.Missing } => Unauthorized(NoToken),
        { State: BearerState.Expired } => BadToken(ExpiredToken),
        _ => BadToken(InvalidToken),
    };

    private static JsonAnswer<FailureAnswer> BadToken(string error) =>
        new(StatusCodes.Status401Unauthorized, new(false, error), SuccessJson.Default.FailureAnswer) { TokenError = Bearer.InvalidCode };

    /// <summary>The shape of what no endpoint wrote.</summary>
    public static Task WriteAsync(HttpContext context, Fault fault) => FaceErrors.WriteAsync(context, fault, Error);
}

/// <summary><c>{success:false,error}</c>.</summary>
internal sealed record FailureAnswer([property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("error")] string Error);

[JsonSerializable(typeof(FailureAnswer))]
internal sealed partial class SuccessJson : JsonSerializerContext;

using TokenServer.Foundation;

namespace TokenServer.Connect;

/// <summary>
/// An error answer (RFC 6749 section 5.2) where it says more than code and description. Errors are values, never exceptions.
/// </summary>
internal sealed record OAuthError(string Code, string Description, int Status = 400) : IResult
{
    /// <summary>The <c>WWW-Authenticate</c> header, where the status wants one.</summary>
    public string? Challenge { get; init; }

    /// <summary>Whether it is about an access token, and its challenge the one for those.</summary>
    public bool WantsToken { get; init; }

    /// <summary>What that challenge says of the token; null where none was shown.</summary>
    public string? TokenError { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Members that stand beside the error, each a name and a text or a number.</summary>
    public IReadOnlyDictionary<string, object> Extra { get; init; } = new Dictionary<string, object>();

    public static OAuthError InvalidRequest(string description) => new("invalid_request", description);
    public static OAuthError InvalidGrant(string description) => new("invalid_grant", description);
    public static OAuthError UnauthorizedClient(string description) => new("unauthorized_client", description);
    public static OAuthError InvalidScope(string description = "a scope is unknown or not allowed") => new("invalid_scope", description);
    public static OAuthError TooManyScopes() => InvalidScope("there are more scopes, with their resources, than an access token can hold");
    public static OAuthError TooLarge() => new("invalid_request", "the body is larger than 64 KB", StatusCodes.Status413PayloadTooLarge);
    public static OAuthError Unavailable() =>
        new("temporarily_unavailable", "the server is busy; try again", StatusCodes.Status503ServiceUnavailable)
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };
    public static OAuthError SlowDown(TimeSpan retryAfter) =>
        new("slow_down", "too many requests", StatusCodes.Status429TooManyRequests) { RetryAfter = retryAfter };

    /// <param name="viaBasic">Whether the client tried the Authorization header; then the answer names the scheme.</param>
    public static OAuthError InvalidClient(bool viaBasic) =>
        new("invalid_client", "client authentication failed", StatusCodes.Status401Unauthorized)
        {
            Challenge = viaBasic ? "Basic realm=\"TokenServer\"" : null,
        };

    /// <summary>A bearer token is missing (no code in the challenge, RFC 6750 section 3.1), wrong, or does not suffice.</summary>
    public static OAuthError Bearer(string code, string description, int status, bool challengeNamesCode = true) =>
        new(code, description, status)
        {
            WantsToken = true, TokenError = challengeNamesCode ? code : null,
        };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.Pragma = "no-cache";
        if (WantsToken) headers.WWWAuthenticate = ShownToken.Challenge(httpContext, TokenError);
        else if (Challenge is not null) headers.WWWAuthenticate = Challenge;
        if (RetryAfter is { } wait) headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString();
        return Json.WriteAsync(httpContext, Status, this, static (json, error) =>
        {
            json.WriteStartObject();
            json.WriteString("error"u8, error.Code);
            json.WriteString("error_description"u8, error.Description);
            foreach (var (name, value) in error.Extra)
            {
                if (value is long number) json.WriteNumber(name, number);
                else json.WriteString(name, value.ToString());
            }
            json.WriteEndObject();
        });
    }
}

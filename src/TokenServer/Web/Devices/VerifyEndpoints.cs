using TokenServer.Clients;
using TokenServer.RateLimits;
using TokenServer.Sessions.Devices;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Authorization;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Devices;

/// <summary>/connect/verify: a person says which device is theirs, by its user code, sees what it asks for, and allows or denies it
/// (RFC 8628 section 3.3). Nothing is looked at, let alone allowed, by following a link.</summary>
internal static class VerifyEndpoints
{
    public const string Path = "/connect/verify", DecidePath = Path + "/decide", ShortPath = "/device";

    // Far more than a code with all that may stand between its letters.
    private const int LongestTyped = 100;

    // Eight letters, one of them twice, and what stands between.
    private const int LongestMistyped = 12;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages(Path);
        pages.MapGet("", IResult (HttpContext context) => new Page<VerifyPage>(new VerifyForm(Linked(context.Request))));
        pages.MapPost("", ShowAsync);
        pages.MapPost("/decide", DecideAsync);
        routes.MapGet(ShortPath, IResult (HttpContext context) =>
            new Go(Linked(context.Request) is { } code ? $"{Path}?user_code={Uri.EscapeDataString(code)}" : Path));
    }

    private static async Task<IResult> ShowAsync(
        HttpContext context, DeviceDecisions devices, UserCodeGuesses guesses, ScopeRegistry scopes)
    {
        if (context.Request.Text("user_code", LongestTyped) is not { } typed) return Again(null, VerifyPage.NoCode);
        var code = UserCode.Parse(typed);
        var (device, refused) = await guesses.LookAsync(ClientAddress.Key(context), context.Visitor().Account.Id,
            () => Task.FromResult(code is null ? null : devices.Find(code)), found => found is null);
        if (refused is not null) return TooOften(context, refused);
        return device is null ? Again(typed, VerifyPage.Wrong) : new Page<DevicePage>(DeviceQuestion.Of(device, code!, scopes));
    }

    private static async Task<IResult> DecideAsync(HttpContext context, DeviceDecisions devices, UserCodeGuesses guesses)
    {
        bool? allow = context.Request.Text("decision", LongestTyped) switch { "allow" => true, "deny" => false, _ => null };
        if (allow is null || context.Request.Text("user_code", LongestTyped) is not { } typed)
            return Again(null, VerifyPage.NoCode);
        var code = UserCode.Parse(typed);
        var (decided, refused) = await guesses.LookAsync(ClientAddress.Key(context), context.Visitor().Account.Id,
            async () => code is null ? DeviceDecision.NotThere : await devices.DecideAsync(context.Owner(), code, allow.Value),
            decision => decision == DeviceDecision.NotThere);
        if (refused is not null) return TooOften(context, refused);
        return decided switch
        {
            DeviceDecision.Allowed => Go.To(Path, Notice.DeviceAllowed),
            DeviceDecision.Denied => Go.To(Path, Notice.DeviceDenied),
            DeviceDecision.NotAllowed => Again(typed, VerifyPage.NotAllowed),
            DeviceDecision.SignedOut => Go.To(SignInEndpoints.Path, Path),
            _ => Again(typed, VerifyPage.Wrong),
        };
    }

    // What stands in a link is shown only where it is a code, or could be one that was mistyped, so that it can be mended.
    private static string? Linked(HttpRequest request) => request.Query["user_code"] is not [{ Length: <= LongestTyped } typed] ? null
        : UserCode.Parse(typed) is { } code ? code.ToString()
        : typed.Length is > 0 and <= LongestMistyped && typed.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or ' ') ? typed : null;

    private static Page<VerifyPage> Again(string? typed, string error) =>
        new(new VerifyForm(typed, error), StatusCodes.Status400BadRequest) { Field = "user_code" };

    private static IResult TooOften(HttpContext context, RateLease lease) =>
        RetryAfter.Set(context, lease, ErrorPages.Of(StatusCodes.Status429TooManyRequests, VerifyPage.TooMany));
}

/// <summary>What the page with the code's field shows.</summary>
internal sealed record VerifyForm(string? Typed, string? Error = null);

/// <summary>What a person is asked: whether this device may be signed in.</summary>
/// <param name="Device">The device that waits.</param>
/// <param name="Code">Its user code.</param>
/// <param name="Wishes">What it asks for, in people's words.</param>
internal sealed record DeviceQuestion(WaitingDevice Device, UserCode Code, IReadOnlyList<string> Wishes)
{
    public string ClientName => Device.Client.Name is { Length: > 0 } name ? name : Device.Client.ClientId;

    public static DeviceQuestion Of(WaitingDevice device, UserCode code, ScopeRegistry scopes) =>
        new(device, code, ScopeWords.Of(scopes.Existing(device.Scopes), scopes));
}

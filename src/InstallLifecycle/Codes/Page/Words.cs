namespace InstallLifecycle.Codes.Page;

/// <summary>Times and errors as the page says them; <c>page.js</c> says the same, in UTC as well.</summary>
internal static class Words
{
    /// <summary>What an error is called, as a heading.</summary>
    public static string Title(InstallError error) => error.Status switch
    {
        StatusCodes.Status429TooManyRequests => "Limit reached",
        _ when error == InstallError.BrowserSessionRequired => "This page was open too long",
        StatusCodes.Status403Forbidden => "Not allowed",
        StatusCodes.Status404NotFound => "Page not found",
        StatusCodes.Status405MethodNotAllowed => "That is not possible here",
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status415UnsupportedMediaType or StatusCodes.Status400BadRequest =>
            "The request was not understood",
        StatusCodes.Status503ServiceUnavailable => "Not available right now",
        _ => "Something went wrong",
    };

    /// <summary>What an error means to who reads the page.</summary>
    public static string Text(InstallError error) => error switch
    {
        { Status: StatusCodes.Status429TooManyRequests } => "No more codes are issued for now.",
        _ when error == InstallError.BrowserSessionRequired =>
            "Reload it and ask again. If that does not help, allow this site to keep a cookie.",
        _ when error == InstallError.UnsupportedMediaType => "What was sent is not of a kind that this page reads.",
        _ => error.Message,
    };

    /// <summary>A clock time, with the day where it is not <paramref name="now"/>'s.</summary>
    public static string Clock(DateTimeOffset time, DateTimeOffset now, string format) =>
        time.ToString(time.UtcDateTime.Date == now.UtcDateTime.Date ? format : $"d MMMM, {format}", CultureInfo.InvariantCulture) + " UTC";

    /// <summary><paramref name="time"/> rounded up to the minute, so that nobody comes too early.</summary>
    public static DateTimeOffset FullMinute(DateTimeOffset time) =>
        new((time.UtcTicks + TimeSpan.TicksPerMinute - 1) / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero);

    /// <summary>A span, rounded up: <c>27 minutes</c>, <c>3 hours 5 minutes</c>.</summary>
    public static string Span(TimeSpan span)
    {
        if (span <= TimeSpan.FromSeconds(90)) return Count((long)Math.Ceiling(span.TotalSeconds), "second");
        long minutes = (long)Math.Ceiling(span.TotalMinutes);
        if (minutes < 60) return Count(minutes, "minute");
        return minutes % 60 == 0 ? Count(minutes / 60, "hour") : $"{Count(minutes / 60, "hour")} {Count(minutes % 60, "minute")}";
    }

    private static string Count(long number, string unit) => number == 1 ? $"1 {unit}" : $"{number} {unit}s";
}

namespace TokenServer.Foundation;

/// <summary>Times as the faces write them: UTC, to the second, <c>2024-01-15T10:30:00Z</c>.</summary>
internal static class Timestamps
{
    public static string Of(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    public static string? Of(DateTime? utc) => utc is { } time ? Of(time) : null;
}

namespace TokenServer.Admin;

/// <summary>The filters of a list, read from the query; the first that is wrong is told.</summary>
internal sealed class Query(HttpRequest request)
{
    public Problem? Problem { get; private set; }

    public string? Text(string name) => request.Query[name] is [{ Length: > 0 } value] ? value : null;

    public int? Number(string name)
    {
        if (Text(name) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return number;
        Problem ??= Problem.BadRequest($"{name} must be a number.");
        return null;
    }

    public string? OneOf(string name, params string[] values)
    {
        if (Text(name) is not { } text) return null;
        if (values.Contains(text)) return text;
        Problem ??= Problem.BadRequest($"{name} must be one of: {string.Join(", ", values)}.");
        return null;
    }

    /// <summary>A time, <c>2026-03-31T12:05:00Z</c>.</summary>
    public DateTime? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time.UtcDateTime;
        Problem ??= Problem.BadRequest($"{name} must be a time, for example 2026-03-31T12:05:00Z.");
        return null;
    }
}

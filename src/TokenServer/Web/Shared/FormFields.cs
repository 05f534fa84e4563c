namespace TokenServer.Web.Shared;

/// <summary>The fields of a form that has passed the filter.</summary>
internal static class FormFields
{
    /// <summary>A field's text; null where it is missing, there twice, empty,
    /// longer than <paramref name="longest"/> characters or holds a NUL.</summary>
    public static string? Text(this HttpRequest request, string field, int longest)
    {
        var values = request.Form[field];
        string? text = values.Count == 1 ? values[0] : null;
        if (string.IsNullOrEmpty(text) || text.Contains('\0', StringComparison.Ordinal)) return null;
        return text.Length <= longest || text.EnumerateRunes().Count() <= longest ? text : null;
    }

    /// <summary>A name that a person gave to something: the same without the white space around it.</summary>
    public static string? Name(this HttpRequest request, string field, int longest) =>
        Text(request, field, longest)?.Trim() is { Length: > 0 } name ? name : null;
}

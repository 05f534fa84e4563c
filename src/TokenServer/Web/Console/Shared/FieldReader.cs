using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Shared;

/// <summary>Reads a form with many fields; the first that cannot be read is told in words.</summary>
internal sealed class FieldReader(HttpRequest request)
{
    public string? Problem { get; private set; }

    /// <summary>A field's text without the white space around it; null where it is empty.</summary>
    public string? Text(string field, int longest)
    {
        if (request.Form[field] is not [{ Length: > 0 } given]) return null;
        if (request.Text(field, longest) is null) Problem ??= FieldWords.Unreadable(field, longest);
        return given.Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>The words of a field, which white space parts.</summary>
    public string[] Words(string field, int longest) =>
        Text(field, longest)?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray() ?? [];

    /// <summary>The words of all that a field was sent with: ticks, or texts whose words white space parts.</summary>
    public string[] AllWords(string field, int longest)
    {
        if (request.Form[field].Any(v => v?.Contains('\0', StringComparison.Ordinal) == true)) Problem ??= FieldWords.HasNul(field);
        string[] words = [.. Ticked(field)
            .SelectMany(v => v.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];
        if (words.Sum(w => w.Length + 1) > longest) Problem ??= FieldWords.TooLong(field, longest);
        return words;
    }

    /// <summary>What is ticked of a field's boxes.</summary>
    public string[] Ticked(string field) => [.. request.Form[field].OfType<string>()
        .Where(v => v.Length > 0 && !v.Contains('\0', StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
}

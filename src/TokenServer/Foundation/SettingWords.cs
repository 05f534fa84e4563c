using System.Text.RegularExpressions;

namespace TokenServer.Foundation;

/// <summary>What the configuration binder says of a value that is not of its setting's type, with what the setting may be in place of the
/// type's name.</summary>
internal static partial class SettingWords
{
    /// <summary>The binder's <paramref name="message"/> in words; null where it is about something else.</summary>
    public static string? Of(string message) =>
        Refusal().Match(message) is { Success: true } said && Kind(said.Groups["type"].Value) is { } kind
            ? $"Setting {said.Groups["path"].Value}: '{said.Groups["value"].Value}' is not {kind}" : null;

    private static string? Kind(string type) => type switch
    {
        "System.Boolean" => "true or false",
        "System.Int32" or "System.Int64" => "a whole number, or is too large",
        "System.Double" => "a number",
        "System.TimeSpan" => "a duration, such as 00:05:00 or 1.00:00:00",
        _ when AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetType(type)).FirstOrDefault(t => t?.IsEnum == true) is { } words =>
            "one of: " + string.Join(", ", Enum.GetNames(words)).ToLowerInvariant(),
        _ => null,
    };

    [GeneratedRegex("""\AFailed to convert configuration value '(?<value>.*)' at '(?<path>[^']+)' to type '(?<type>[^']+)'""",
        RegexOptions.Singleline)]
    private static partial Regex Refusal();
}

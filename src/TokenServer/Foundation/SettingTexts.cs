using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace TokenServer.Foundation;

/// <summary>The settings as they were written, before they are bound: white space around a text goes, lists may be one text, and what
/// could be read as something else than was meant stops the start.</summary>
internal static partial class SettingTexts
{
    private const BindingFlags Settable = BindingFlags.Public | BindingFlags.Instance;
    private const string Duration = "[d.]hh:mm:ss";

    // Several lines are several keys.
    private const string MasterKey = "TokenServer:MasterKey";
    private static readonly string[] Frameworks = ["ConnectionStrings", "Logging", "Kestrel", "HostBuilder"];
    private static readonly string[] Single =
        ["urls", "http_ports", "https_ports", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"];

    /// <summary>Puts right what is harmless.</summary>
    /// <returns>What was put right, for the log.</returns>
    /// <exception cref="SettingException">A section or a duration makes no sense, or a text holds control characters.</exception>
    public static IReadOnlyList<string> PutRight(this IConfigurationManager configuration, IServiceCollection services)
    {
        var sections = services.Select(s => s.ImplementationInstance).OfType<SettingsSection>().ToList();
        string[] known = [.. sections.Select(s => s.Name), .. Frameworks];
        foreach (var provider in ((IConfigurationRoot)configuration).Providers) CheckSections(provider, known);
        var better = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var said = new List<string>();
        foreach (var (name, value) in configuration.AsEnumerable().Where(p => IsOurs(p.Key, known)))
        {
            string text = (value ?? "").Trim();
            CheckCharacters(name, text);
            if (text.Length == (value ?? "").Length) continue;
            better[name] = text;
            said.Add(name);
        }
        configuration.AddInMemoryCollection(better);
        var lists = new Dictionary<string, string?>();
        foreach (var section in sections) Read(configuration.GetSection(section.Name), section.Type, lists);
        configuration.AddInMemoryCollection(lists);
        return said;
    }

    private static bool IsOurs(string name, string[] known) =>
        known.Contains(name.Split(':')[0], StringComparer.OrdinalIgnoreCase) || Single.Contains(name, StringComparer.OrdinalIgnoreCase);

    // The environment is everybody's, so there only what is nearly a name of ours is taken for one.
    private static void CheckSections(IConfigurationProvider provider, string[] known)
    {
        bool isEnvironment = provider is EnvironmentVariablesConfigurationProvider;
        CheckNames(provider, "ConnectionStrings", ["Default"]);
        CheckNames(provider, "Logging", ["LogLevel", "Console"]);
        foreach (string name in provider.GetChildKeys([], null).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (known.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            if (FirstBelow(provider, name) is var setting && setting == name) continue;
            string nearest = known.MinBy(k => Distance(k, name))!;
            bool isNear = Distance(nearest, name) <= Math.Max(1, nearest.Length / 4);
            if (!isEnvironment || isNear) throw new SettingException(setting,
                $"there is no section '{name}'{(isNear ? $"; {nearest} is one" : "")}");
        }
    }

    // In a section of the framework's, which may have others.
    private static void CheckNames(IConfigurationProvider provider, string section, string[] ours)
    {
        foreach (string name in provider.GetChildKeys([], section))
            if (!ours.Contains(name, StringComparer.OrdinalIgnoreCase) && ours.FirstOrDefault(o => Distance(o, name) <= 2) is { } meant)
                throw new SettingException(FirstBelow(provider, $"{section}:{name}"),
                    $"there is no setting of this name; {section}:{meant} is one");
    }

    private static string FirstBelow(IConfigurationProvider provider, string path) =>
        provider.GetChildKeys([], path).FirstOrDefault() is { } name ? FirstBelow(provider, $"{path}:{name}") : path;

    private static void CheckCharacters(string name, string text)
    {
        bool mayHaveLines = name.Equals(MasterKey, StringComparison.OrdinalIgnoreCase);
        for (int i = 0; i < text.Length; i++)
        {
            if (mayHaveLines && text[i] is '\r' or '\n') continue;
            if (char.GetUnicodeCategory(text[i]) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                throw new SettingException(name, $"its character {i + 1} is U+{(int)text[i]:X4}, which nobody can see");
        }
    }

    private static void Read(IConfigurationSection section, Type type, Dictionary<string, string?> lists)
    {
        var properties = type.GetProperties(Settable);
        if (section.GetChildren().FirstOrDefault(c => !properties.Any(p => p.Name.Equals(c.Key, StringComparison.OrdinalIgnoreCase)))
            is { } unknown) throw new SettingException(unknown.Path, "there is no setting of this name");
        foreach (var property in properties)
        {
            var own = section.GetSection(property.Name);
            var kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (kind == typeof(TimeSpan)) CheckDuration(own);
            else if (kind == typeof(string[])) Split(own, lists);
            else if (kind is { IsClass: true, IsArray: false } && kind.Assembly == type.Assembly) Read(own, kind, lists);
        }
    }

    private static void Split(IConfigurationSection list, Dictionary<string, string?> lists)
    {
        if (string.IsNullOrEmpty(list.Value)) return;
        if (list.GetChildren().Any())
            throw new SettingException(list.Path, $"it is given twice, as one text and as {list.Path}:0 and so on; take one of the two");
        string[] entries = list.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < entries.Length; i++) lists[$"{list.Path}:{i}"] = entries[i];
    }

    // The framework reads 24:00:00 as 24 days, and 5 as five.
    private static void CheckDuration(IConfigurationSection setting)
    {
        if (setting.Value is not { Length: > 0 } text || Constant().IsMatch(text)) return;
        string meant = TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var read)
            ? $"would be {InWords(read)}, and if that is meant is written {read:c}" : "is no duration";
        throw new SettingException(setting.Path, $"'{text}' {meant}; durations are {Duration}, an hour and a half is 01:30:00");
    }

    private static string InWords(TimeSpan time)
    {
        (int Number, string Unit)[] parts = [(time.Days, "day"), (time.Hours, "hour"), (time.Minutes, "minute"), (time.Seconds, "second")];
        string words = string.Join(' ', parts.Where(p => p.Number != 0).Select(p => $"{p.Number} {p.Unit}{(p.Number is 1 ? "" : "s")}"));
        return words.Length > 0 ? words : "no time";
    }

    /// <summary>How many characters have to be put in, left out or exchanged (Levenshtein), whatever their case.</summary>
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 0; i < one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < other.Length; j++)
            {
                int changed = diagonal + (char.ToUpperInvariant(one[i]) == char.ToUpperInvariant(other[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(changed, 1 + Math.Min(row[j], diagonal));
            }
        }
        return row[^1];
    }

    [GeneratedRegex(@"^-?([0-9]+\.)?([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?\z")]
    private static partial Regex Constant();
}

/// <summary>A section of the settings, and what it is bound to.</summary>
internal sealed record SettingsSection(string Name, Type Type);

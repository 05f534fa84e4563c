using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;

namespace TokenServer.Hosting;

/// <summary>Logs on standard output: one JSON object a line, for machines; in Development for people.
/// The framework's settings <c>Logging:Console:…</c> outweigh both.</summary>
internal static class Logs
{
    private const string Formatter = "Logging:Console:FormatterName", Options = "Logging:Console:FormatterOptions:";

    public static void Configure(WebApplicationBuilder builder)
    {
        string name = builder.Configuration[Formatter]
            ?? (builder.Environment.IsDevelopment() ? ConsoleFormatterNames.Simple : ConsoleFormatterNames.Json);
        // The slim builder has named the simple one in code, which would outweigh the setting.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = name);
        if (name != ConsoleFormatterNames.Json) return;
        var defaults = new Dictionary<string, string?> { [Options + "IncludeScopes"] = "true",
            [Options + "UseUtcTimestamp"] = "true", [Options + "TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'" };
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
    }
}

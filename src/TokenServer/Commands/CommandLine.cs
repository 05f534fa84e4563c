using System.CommandLine;
using System.CommandLine.Help;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using TokenServer.Backups;
using TokenServer.Foundation;
using TokenServer.Hosting;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Commands;

/// <summary>The command line. Exit codes: 0 done, 1 failed (the reason is on standard error), 2 not understood.</summary>
internal static class CommandLine
{
    public const int Done = 0, Failed = 1, NotUnderstood = 2;
    private static readonly Option<bool> create = new("--create") { Description = "make the database where there is none" };

    /// <summary>Who did it, in the audit trail.</summary>
    public const string Actor = "command line";

    /// <summary>The settings that came with the command.</summary>
    public static IReadOnlyList<string> Settings { get; private set; } = [];

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            "TokenServer: an OAuth 2.0 and OpenID Connect token server. Settings may follow a command as --Section:Name=value.");
        foreach (var command in (Command[])[ServeCommand.Create(), ImportCommand.Create(), UserCommands.Create(), ClientCommands.Create(),
            ScopeCommands.Create(),
            SessionCommands.Create(), SessionCommands.CreateToken(), InstallCommands.Create(), InstallCommands.CreateServer(),
            ReceiptCommands.Create(),
            PinCommand.Create(), DemoCommand.Create(), KeysCommands.Create(), AuditCommands.Create(), PruneCommand.Create(),
            TransferCommand.Create(), BackupCommands.Create(), BackupCommands.CreateRestore()])
            root.Subcommands.Add(command);
        // Settings are taken out first, so that no option can take one for its value.
        List<string> words = [], settings = [];
        for (int i = 0; i < args.Length; i++)
        {
            (IsSetting(args[i]) ? settings : words).Add(args[i]);
            bool valueFollows = IsSetting(args[i]) && !args[i].Contains('=', StringComparison.Ordinal)
                && i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal);
            if (valueFollows) settings.Add(args[++i]);
        }
        Settings = settings;
        // Without a command: serve.
        bool bare = words.Count == 0 || words[0].StartsWith("--", StringComparison.Ordinal) && words[0] is not ("--help" or "--version");
        var parsed = root.Parse(bare ? ["serve", .. words] : words);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync("See --help.");
            return NotUnderstood;
        }
        // By itself the parser gives a command that is told to stop two seconds; the server has its own measure, and drains.
        int code = await ExplainAsync(() =>
            parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }));
        if (parsed is { Action: HelpAction, CommandResult.Command.Name: ServeCommand.Name }) ServeHelp.Write(Console.Out);
        return code;
    }

    /// <summary>A command that works on the opened database.</summary>
    public static Command Make(string name, string description, Func<ParseResult, IServiceProvider, Task<int>> act,
        params Symbol[] symbols) => Make(name, description, async parsed =>
        {
            await using var app = ServerHost.BuildParts([.. Settings], QuietLog);
            await FindDatabaseAsync(app.Services, parsed.GetValue(create));
            await ServerHost.PrepareAsync(app.Services);
            return await act(parsed, app.Services);
        }, [.. symbols, create]);

    /// <summary>A command that has the settings, and leaves the database closed.</summary>
    public static Command MakeUnopened(string name, string description,
        Func<ParseResult, IServiceProvider, Task<int>> act, params Symbol[] symbols) => Make(name, description, async parsed =>
        {
            await using var app = ServerHost.BuildParts([.. Settings], QuietLog);
            return await act(parsed, app.Services);
        }, symbols);

    /// <summary>Says on standard error which database a command is about.</summary>
    /// <param name="services">The program's parts.</param>
    /// <param name="mayCreate">Whether it is made where there is none.</param>
    /// <exception cref="SettingException">There is none: whoever named another meant another.</exception>
    public static async Task FindDatabaseAsync(IServiceProvider services, bool mayCreate = false)
    {
        var provider = services.GetRequiredService<DatabaseProvider>();
        await Console.Error.WriteLineAsync($"Database: {provider.Name}");
        bool isThere;
        try
        {
            isThere = provider.IsThere || mayCreate;
        }
        catch (DbException e)
        {
            throw provider.Explain(e);
        }
        if (!isThere) throw new SettingException(provider.IsShared ? "ConnectionStrings:Default" : "TokenServer:DataDirectory",
            $"there is no database {provider.Name}. Give this command the settings of the server (TokenServer:DataDirectory, "
            + "ConnectionStrings:Default); 'serve' makes a database, and so does --create");
    }

    /// <summary>The program as a command uses it.</summary>
    /// <param name="more">Settings that outweigh all others.</param>
    public static WebApplication Build(params ReadOnlySpan<string> more) => ServerHost.Build([.. Settings, .. more], QuietLog);

    private static Command Make(string name, string description, Func<ParseResult, Task<int>> act, Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Option option) command.Options.Add(option);
            else command.Arguments.Add((Argument)symbol);
        }
        command.SetAction((parsed, _) => act(parsed));
        return command;
    }

    /// <summary>Says on standard error why a command failed.</summary>
    public static async Task<int> FailAsync(string reason)
    {
        await Console.Error.WriteLineAsync(reason);
        return Failed;
    }

    // Standard output is the command's answer, which scripts read; a rule of the provider's own outweighs those of the settings.
    private static void QuietLog(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter<ConsoleLoggerProvider>(level => level >= LogLevel.Error);
    }

    private static async Task<int> ExplainAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OptionsValidationException e)
        {
            return await FailAsync(string.Join(Environment.NewLine, e.Failures));
        }
        catch (Exception e)
            when (e is SettingException or StorageUnavailableException or Import.ImportException
                or Transfers.TransferException or BackupException or IOException or UnauthorizedAccessException or SocketException)
        {
            return await FailAsync(e.Message);
        }
        catch (InvalidOperationException e) when (SettingOf(e) is { } problem)
        {
            return await FailAsync(problem);
        }
        // What the framework says of addresses to listen on, certificates and log levels.
        catch (Exception e)
            when (e is InvalidOperationException or FormatException or ArgumentException or CryptographicException)
        {
            return await FailAsync($"A setting makes no sense: {e.Message}");
        }
    }

    // What the configuration binder says of a value that is not of its type, or of a name that is no setting.
    private static string? SettingOf(InvalidOperationException e)
    {
        if (e.StackTrace?.Contains("ConfigurationBinder", StringComparison.Ordinal) != true) return null;
        int names = e.Message.StartsWith("'ErrorOnUnknownConfiguration'", StringComparison.Ordinal)
            ? e.Message.LastIndexOf(": ", StringComparison.Ordinal) : -1;
        return names < 0 ? SettingWords.Of(e.Message) ?? $"A setting makes no sense: {e.Message}"
            : $"There is no setting of this name{e.Message[names..]}";
    }

    private static bool IsSetting(string word) =>
        word.StartsWith("--", StringComparison.Ordinal)
            && (word.Split('=')[0].Contains(':', StringComparison.Ordinal) || word.Split('=')[0] is "--urls" or "--environment");
}

using System.CommandLine;
using InstallLifecycle;
using TokenServer.Installs;

namespace TokenServer.Commands;

/// <summary><c>TokenServer receipt verify FILE [--keys FILE]</c> (contract section 5b).</summary>
internal static class ReceiptCommands
{
    private const string StandardInput = "-";
    private static readonly JsonSerializerOptions indented = new()
        { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "the receipt; - is standard input" };
        var keys = new Option<string?>("--keys")
            { Description = "the saved answer of /.well-known/install-receipt-keys; without it, this server's own keys" };
        var command = new Command("receipt", "Check the receipts of installs");
        command.Subcommands.Add(CommandLine.MakeUnopened(
            "verify", "Say what a receipt says, or why it is none; offline, with a file of keys",
            async (parsed, services) => await VerifyAsync(parsed.GetRequiredValue(file), parsed.GetValue(keys), services), file, keys));
        return command;
    }

    private static async Task<int> VerifyAsync(string file, string? keyFile, IServiceProvider services)
    {
        string receipt = file == StandardInput ? await Console.In.ReadToEndAsync() : await File.ReadAllTextAsync(file);
        string keys;
        if (keyFile is not null) keys = await File.ReadAllTextAsync(keyFile);
        else
        {
            await CommandLine.FindDatabaseAsync(services);
            await Hosting.ServerHost.PrepareAsync(services);
            keys = Encoding.UTF8.GetString(services.GetRequiredService<Lifecycle>().ReceiptKeys());
        }
        var (claims, problem) = ReceiptVerification.Verify(receipt, keys);
        if (claims is null) return await CommandLine.FailAsync($"not a good receipt: {problem}");
        using var document = JsonDocument.Parse(claims);
        Console.WriteLine(JsonSerializer.Serialize(document.RootElement, indented));
        return CommandLine.Done;
    }
}

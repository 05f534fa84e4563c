using System.CommandLine;
using System.Text.Encodings.Web;
using TokenServer.Audit;

namespace TokenServer.Commands;

/// <summary><c>TokenServer audit verify|export</c>.</summary>
internal static class AuditCommands
{
    private static readonly JsonWriterOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var command = new Command("audit", "Verify and export the audit trail");
        command.Subcommands.Add(CommandLine.Make("verify", "Find entries that were altered, removed or put into another order",
            (_, services) => VerifyAsync(services.GetRequiredService<AuditVerification>())));
        command.Subcommands.Add(CommandLine.Make("export", "Write all entries to standard output, a JSON object a line, the oldest first",
            (_, services) => ExportAsync(services.GetRequiredService<AuditLog>())));
        return command;
    }

    private static async Task<int> VerifyAsync(AuditVerification verification)
    {
        var verdict = verification.Verify();
        if (verdict.Problem is { } problem) return await CommandLine.FailAsync(problem);
        Console.WriteLine(verdict.Unchained == 0 ? $"{verdict.Entries} entries, all as they were written"
            : $"{verdict.Entries} entries, all as they were written; {verdict.Unchained} older ones are not chained");
        return CommandLine.Done;
    }

    private static async Task<int> ExportAsync(AuditLog log)
    {
        await using var output = Console.OpenStandardOutput();
        await using var json = new Utf8JsonWriter(output, Lines);
        foreach (var entry in log.Export())
        {
            Write(json, entry);
            await json.FlushAsync();
            output.WriteByte((byte)'\n');
            json.Reset();
        }
        return CommandLine.Done;
    }

    private static void Write(Utf8JsonWriter json, AuditEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, entry.Id);
        json.WriteString("time"u8, AuditEntry.Text(entry.Said.Time));
        json.WriteString("event"u8, entry.Said.Event);
        json.WriteString("actor"u8, entry.Said.Actor);
        json.WriteString("target"u8, entry.Said.Target);
        json.WriteString("client_id"u8, entry.Said.ClientId);
        json.WriteString("address"u8, entry.Said.Address);
        json.WriteString("detail"u8, entry.Said.Detail);
        json.WriteString("previous"u8, entry.Previous);
        json.WriteString("hash"u8, entry.Hash);
        json.WriteEndObject();
    }
}

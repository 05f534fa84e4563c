using System.CommandLine;
using TokenServer.Import;

namespace TokenServer.Commands;

/// <summary><c>TokenServer import FILE</c> (contract section 7).</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "the import file" };
        return CommandLine.Make(
            "import", "Bring clients, scopes and users to what a file says: all of it, or nothing", async (parsed, services) =>
            {
                var document = ImportDocument.Parse(await File.ReadAllBytesAsync(parsed.GetRequiredValue(file).FullName));
                await services.GetRequiredService<Importer>().ApplyAsync(document, CommandLine.Actor);
                Console.WriteLine(
                    $"{document.Clients.Length} clients, {document.Scopes.Length} scopes "
                        + $"and {document.Users.Length} users are as the file says");
                return CommandLine.Done;
            }, file);
    }
}

using System.CommandLine;
using TokenServer.Import;

namespace TokenServer.Commands;

/// <summary><c>TokenServer import FILE</c> (contract section 7).</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo?>("file") { Description = "the import file", Arity = ArgumentArity.ZeroOrOne };
        var openIddict = new Option<string?>("--from-openiddict")
        {
            Description = "instead of a file: the connection string of another OpenIddict server's database; takes its clients and scopes",
        };
        return CommandLine.Make("import", "Bring clients, scopes and users to what a file says: all of it, or nothing", async (parsed, services) =>
        {
            if (parsed.GetValue(openIddict) is { } other)
            {
                var (clients, scopes) = await services.GetRequiredService<OpenIddictImport>().ApplyAsync(other, CommandLine.Actor);
                Console.WriteLine($"{clients} clients and {scopes} scopes were taken over");
                return CommandLine.Done;
            }
            if (parsed.GetValue(file) is not { } source) return await CommandLine.FailAsync("name an import file, or --from-openiddict");
            var document = ImportDocument.Parse(await File.ReadAllBytesAsync(source.FullName));
            await services.GetRequiredService<Importer>().ApplyAsync(document, CommandLine.Actor);
            Console.WriteLine($"{document.Clients.Length} clients, {document.Scopes.Length} scopes and {document.Users.Length} users are as the file says");
            return CommandLine.Done;
        }, file, openIddict);
    }
}

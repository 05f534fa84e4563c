using System.CommandLine;
using TokenServer.Import;

namespace TokenServer.Commands;

/// <summary><c>TokenServer import FILE</c> (contract section 7).</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo?>("file") { Description = "the import file", Arity = ArgumentArity.ZeroOrOne };
        var openIddict = new Option<string?>(OpenIddictImport.Option)
        {
            Description = "instead of a file: the connection string of another OpenIddict server's database; takes its clients and scopes",
        };
        var command = CommandLine.Make("import", "Bring clients, scopes and users to what a file says: all of it, or nothing",
            async (parsed, services) =>
        {
            if (parsed.GetValue(openIddict) is { } other)
            {
                var (clients, scopes) = await services.GetRequiredService<OpenIddictImport>().ApplyAsync(other, CommandLine.Actor);
                Console.WriteLine($"{clients} clients and {scopes} scopes were taken over");
                return CommandLine.Done;
            }
            var document = ImportDocument.Parse(await File.ReadAllBytesAsync(parsed.GetValue(file)!.FullName));
            await services.GetRequiredService<Importer>().ApplyAsync(document, CommandLine.Actor);
            var (clientCount, scopeCount, userCount) = (document.Clients.Length, document.Scopes.Length, document.Users.Length);
            Console.WriteLine($"{clientCount} clients, {scopeCount} scopes and {userCount} users are as the file says");
            return CommandLine.Done;
        }, file, openIddict);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(file) is null) == (result.GetValue(openIddict) is null))
                result.AddError("Name an import file, or --from-openiddict.");
        });
        return command;
    }
}

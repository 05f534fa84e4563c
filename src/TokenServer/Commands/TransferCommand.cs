using System.CommandLine;
using TokenServer.Foundation;
using TokenServer.Hosting;
using TokenServer.Protection;
using TokenServer.Storage.Providers;
using TokenServer.Transfers;

namespace TokenServer.Commands;

/// <summary><c>TokenServer transfer --to CONNECTION-STRING</c>: from a database file to PostgreSQL.</summary>
internal static class TransferCommand
{
    public static Command Create()
    {
        var to = new Option<string>("--to")
        {
            Description = "the connection string of an empty PostgreSQL database; "
                + "one with a password is better read from standard input, with '-'",
            Required = true,
        };
        return CommandLine.MakeUnopened(
            "transfer", "Copy a server's database file into an empty PostgreSQL database, keys and sessions too; stop the server first",
            async (parsed, services) =>
            {
                string text = parsed.GetRequiredValue(to);
                if (text == "-") text = (await Console.In.ReadLineAsync() ?? "").Trim();
                if (!PostgreSqlProvider.IsMeantBy(text))
                    return await CommandLine.FailAsync(
                        "--to must be a connection string of PostgreSQL (Host=…;Database=…;Username=…)");
                await CommandLine.FindDatabaseAsync(services);
                long rows = 0;
                using var target = new PostgreSqlProvider(text, to.Name);
                // A server that goes on would lose what it writes and revokes from here on.
                DatabaseFile.Find(services.GetRequiredService<IConfiguration>(),
                    services.GetRequiredService<DataDirectory>())?.SettleAlone((problem, e) => new TransferException(problem, e));
                await using var app = CommandLine.Build();
                await ServerHost.PrepareAsync(app.Services);
                if (!app.Services.GetRequiredService<MasterKey>().IsSet)
                    await Console.Error.WriteLineAsync(
                        "There is no TokenServer:MasterKeyFile: "
                            + "the keys that seal private keys and second factors will lie in the database in the clear.");
                app.Services.GetRequiredService<Transfer>().Run(target, CommandLine.Actor, table =>
                {
                    rows += table.Rows;
                    Console.WriteLine($"{table.Name}\t{table.Rows}\t{table.Sum}");
                });
                Console.WriteLine(
                    $"{rows} rows are there as they were here, and the keys with them. "
                        + "Start the servers with ConnectionStrings:Default set to the new database, and not on this file again; "
                        + "give each the same PIN hash file and master key.");
                return CommandLine.Done;
            }, to);
    }
}

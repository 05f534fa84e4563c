using System.CommandLine;
using TokenServer.Foundation;
using TokenServer.Installs;
using TokenServer.Keys;
using TokenServer.Protection;
using TokenServer.Storage.Providers;

namespace TokenServer.Commands;

/// <summary><c>TokenServer keys list|rotate|seal</c>.</summary>
internal static class KeysCommands
{
    public static Command Create()
    {
        var command = new Command("keys", "List the signing keys, and rotate them");
        command.Subcommands.Add(CommandLine.Make("list", "List the signing keys and their phases",
            (_, services) => ListAsync(services.GetRequiredService<KeyRing>())));
        command.Subcommands.Add(Rotate());
        command.Subcommands.Add(Seal());
        return command;
    }

    private static Command Rotate()
    {
        var compromised = new Option<bool>("--compromised")
            { Description = "the keys have leaked: replace them all, so that every token signed so far is dead" };
        return CommandLine.Make(
            "rotate", "Let the announced keys sign from now on, announce new ones, retire the old", async (parsed, services) =>
            {
                var keys = services.GetRequiredService<EveryKey>();
                if (parsed.GetValue(compromised))
                {
                    await keys.ReplaceAsync(CommandLine.Actor);
                    Console.WriteLine("all keys are replaced; every token signed so far, and every install code, is dead");
                    return CommandLine.Done;
                }
                var unknownUntil = services.GetRequiredService<KeyRing>().UnknownUntil;
                var rotated = await keys.RotateAsync(CommandLine.Actor);
                foreach (string algorithm in KeyRing.Algorithms)
                    Console.WriteLine(rotated.Contains(algorithm) ? $"{algorithm} rotated"
                        : $"{algorithm} was rotated by another process at the same moment");
                Console.WriteLine("install keys rotated");
                if (unknownUntil is { } until)
                    await Console.Error.WriteLineAsync($"The keys that sign now are new: who checks tokens may not have read them before "
                        + $"{Timestamps.Of(until)}, and refuses what they sign until then");
                return CommandLine.Done;
            }, compromised);
    }

    // The keys that open all others may be among those that are not used until they are sealed.
    private static Command Seal() => CommandLine.MakeUnopened(
        "seal",
        "Seal the Data Protection keys of a shared database under the master key: those in the clear, and those under a former one",
        async (_, services) =>
        {
            await CommandLine.FindDatabaseAsync(services);
            if (!services.GetRequiredService<DatabaseProvider>().IsShared)
                return await CommandLine.FailAsync("a single server's keys are files, guarded by their folder");
            Console.WriteLine($"{await services.GetRequiredService<StoredProtectionKeys>().SealAsync()} keys are sealed anew");
            return CommandLine.Done;
        });

    private static Task<int> ListAsync(KeyRing keys)
    {
        foreach (var key in keys.Keys)
            Console.WriteLine(
                $"{key.Key.KeyId}\t{key.Key.Algorithm}\t{key.Phase.ToString().ToLowerInvariant()}\t{key.CreatedAt:yyyy-MM-ddTHH:mm:ssZ}");
        return Task.FromResult(CommandLine.Done);
    }
}

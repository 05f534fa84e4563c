using System.CommandLine;
using InstallLifecycle;
using TokenServer.Pruning;

namespace TokenServer.Commands;

/// <summary><c>TokenServer prune</c>: what the server does by itself every five minutes.</summary>
internal static class PruneCommand
{
    public static Command Create() => CommandLine.Make("prune", "Delete what has expired", async (_, services) =>
    {
        var pruned = await services.GetRequiredService<Pruner>().RunAsync(CancellationToken.None);
        var installs = await services.GetRequiredService<Lifecycle>().ExpireAsync(CancellationToken.None);
        Console.WriteLine($"{pruned.Tokens} tokens, {pruned.Sessions} sessions, {pruned.Revocations} revocations and {installs.Deleted} ended installs deleted; {installs.Expired} installs expired");
        return CommandLine.Done;
    });
}

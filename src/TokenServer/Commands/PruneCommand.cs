using System.CommandLine;
using TokenServer.Pruning;

namespace TokenServer.Commands;

/// <summary><c>TokenServer prune</c>: what the server does by itself every five minutes.</summary>
internal static class PruneCommand
{
    public static Command Create() => CommandLine.Make("prune", "Delete what has expired", async (_, services) =>
    {
        var pruned = await services.GetRequiredService<Pruner>().RunAsync(CancellationToken.None);
        Console.WriteLine($"{pruned.Tokens} tokens, {pruned.Sessions} sessions and {pruned.Revocations} revocations deleted");
        return CommandLine.Done;
    });
}

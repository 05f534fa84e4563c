using System.CommandLine;
using InstallLifecycle;
using TokenServer.Pruning;

namespace TokenServer.Commands;

/// <summary><c>TokenServer prune</c>: what the server does by itself every five minutes.</summary>
internal static class PruneCommand
{
    public static Command Create() => CommandLine.Make("prune", "Delete what has expired", async (_, services) =>
    {
        await services.GetRequiredService<StampedAhead>().CountAsNowAsync();
        var pruned = await services.GetRequiredService<Pruner>().RunAsync(CancellationToken.None);
        var installs = await services.GetRequiredService<Lifecycle>().ExpireAsync(CancellationToken.None);
        Console.WriteLine(
            $"{pruned.Tokens} tokens, {pruned.Sessions} sessions, {pruned.Revocations} revocations, "
                + $"{installs.Deleted} ended installs and {pruned.AuditEntries} audit entries deleted; "
                + $"{installs.Expired} installs expired");
        return CommandLine.Done;
    });
}

using System.CommandLine;
using InstallLifecycle;
using InstallLifecycle.Codes;
using InstallLifecycle.Listing;
using TokenServer.Foundation;

namespace TokenServer.Commands;

/// <summary><c>TokenServer install codes|activations|revoke</c> and <c>TokenServer server list|revoke|resolve</c>.</summary>
internal static class InstallCommands
{
    private static readonly ListRequest All = new(Status: null, Before: null, Limit: 1_000);
    /// <summary>Who did it, in the audit trail.</summary>
    public static readonly Caller Actor = new("", "", "", CommandLine.Actor);

    public static Command Create()
    {
        var command = new Command("install", "List install codes and activations, and revoke codes");
        command.Subcommands.Add(CommandLine.Make("codes", "List the install codes, the newest first, 1,000 at most", (_, services) =>
            WriteAsync(Lifecycle(services).Codes(All),
                c => $"{c.Id}\t{c.Hint}\t{c.Status}\t{Text(c.IssuedAt)}\t{c.Address}\t{c.MachineId ?? "-"}")));
        command.Subcommands.Add(CommandLine.Make("activations", "List the activations, the newest first, 1,000 at most", (_, services) =>
            WriteAsync(Lifecycle(services).Activations(All), a =>
                $"{a.ActivationId}\tcode {a.CodeId}\t{a.Status}\t{a.Hostname}\t{a.PublicIp}\t{Text(a.ActivatedAt)}\t{a.ServerId ?? "-"}")));
        command.Subcommands.Add(RevokeCode());
        return command;
    }

    public static Command CreateServer()
    {
        var command = new Command("server", "List and revoke the servers that installs put up, and settle which of two goes on");
        command.Subcommands.Add(CommandLine.Make("list", "List the servers, the newest first, 1,000 at most", (_, services) =>
            WriteAsync(Lifecycle(services).Servers(All), s =>
                    $"{s.ServerId}\t{(s.Status == "active" ? s.IsOnline ? "online" : "offline" : s.Status)}\t"
                        + $"{s.Hostname}\t{s.PublicIp}\t{s.AgentVersion}\t{(s.LastCheckinAt is { } seen ? Text(seen) : "-")}")));
        var id = new Argument<string>("server_id");
        command.Subcommands.Add(CommandLine.Make("revoke", "Revoke a server; its token is dead", async (parsed, services) =>
        {
            string serverId = parsed.GetRequiredValue(id);
            if (await Lifecycle(services).RevokeServerAsync(serverId, Actor, isDryRun: false) is not { } ended)
                return await CommandLine.FailAsync("there is no such server");
            Console.WriteLine(ended == 1 ? $"{serverId} is revoked" : $"{serverId} was revoked already");
            return CommandLine.Done;
        }, id));
        command.Subcommands.Add(ResolveServer());
        return command;
    }

    private static Command ResolveServer()
    {
        var id = new Argument<string>("server_id");
        var action = new Argument<string>("action") { Description = "rekey: the right one may register anew; revoke: neither goes on" };
        action.AcceptOnlyFromAmong("rekey", "revoke");
        return CommandLine.Make("resolve", "Settle which goes on where there seem to be two of a server", async (parsed, services) =>
        {
            string serverId = parsed.GetRequiredValue(id);
            bool isRekey = parsed.GetRequiredValue(action) == "rekey";
            if (await Lifecycle(services).ResolveCloneAsync(serverId, Actor, isRekey) is not { } done)
                return await CommandLine.FailAsync("there is no such server");
            if (!done) return await CommandLine.FailAsync("there is no clone of this server to settle");
            Console.WriteLine(isRekey
                ? $"{serverId} may register anew within a day, with the receipt of its install" : $"{serverId} is revoked");
            return CommandLine.Done;
        }, id, action);
    }

    private static Command RevokeCode()
    {
        var id = new Argument<long>("code") { Description = "the code's number, as install codes lists it" };
        return CommandLine.Make(
            "revoke", "Revoke an install code that is not confirmed, its activation and its server", async (parsed, services) =>
            {
                long code = parsed.GetRequiredValue(id);
                var (servers, refused) = await Lifecycle(services).RevokeCodeAsync(code, Actor, isDryRun: false);
                if (refused is not null)
                    return await CommandLine.FailAsync(refused == CodeRevocationRefused.NotThere
                        ? "there is no such code" : "the code was confirmed or has expired; revoke its server instead");
                Console.WriteLine(servers == 0 ? $"code {code} is revoked" : $"code {code} is revoked, and its server");
                return CommandLine.Done;
            }, id);
    }

    private static Lifecycle Lifecycle(IServiceProvider services) => services.GetRequiredService<Lifecycle>();

    private static Task<int> WriteAsync<T>(IEnumerable<T> rows, Func<T, string> line)
    {
        foreach (var row in rows) Console.WriteLine(line(row));
        return Task.FromResult(CommandLine.Done);
    }

    private static string Text(DateTimeOffset time) => Timestamps.Of(time.UtcDateTime);
}

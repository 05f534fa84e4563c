using System.CommandLine;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Commands;

/// <summary><c>TokenServer client add|list|change|revoke|restore|delete|end-sessions|rotate-secret|end-old-secret</c>.
/// A secret is made by the server and shown once.</summary>
internal static class ClientCommands
{
    private const string NoSuchClient = "there is no such client";

    public static Command Create()
    {
        var command = new Command("client", "Add, list, change, revoke and restore clients, and rotate their secrets");
        command.Subcommands.Add(Add());
        command.Subcommands.Add(
            CommandLine.Make("list", "List the clients", (_, services) => ListAsync(services.GetRequiredService<ClientRegistry>())));
        command.Subcommands.Add(Change());
        command.Subcommands.Add(Act("revoke", "Refuse a client, and with it every token it was given",
            (clients, id) => clients.RevokeAsync(id, CommandLine.Actor), "is revoked", "was revoked already"));
        command.Subcommands.Add(Act("restore", "Let a revoked client ask for new tokens; old ones stay dead",
            (clients, id) => clients.RestoreAsync(id, CommandLine.Actor), "may ask for tokens again", "was not revoked"));
        command.Subcommands.Add(Act("delete", "Delete a client; every token it was given is dead",
            (clients, id) => clients.DeleteAsync(id, CommandLine.Actor), "is deleted", "was deleted already"));
        command.Subcommands.Add(EndSessions());
        command.Subcommands.Add(RotateSecret());
        command.Subcommands.Add(Act("end-old-secret", "Refuse the old secret that a rotation has kept",
            (clients, id) => clients.EndOldSecretAsync(id, CommandLine.Actor), "has one secret now", "had one secret only"));
        return command;
    }

    private static Command Add()
    {
        var (id, fields) = (new Argument<string>("client_id"), new ClientFields());
        var isPublic = new Option<bool>("--public") { Description = "without a secret" };
        var opaque = new Option<bool>("--opaque") { Description = "its access tokens are opaque" };
        return CommandLine.Make("add", "Register a client; the secret that it gets is shown once", async (parsed, services) =>
        {
            fields.ReadKeys(parsed);
            var registration = fields.Apply(parsed, new ClientRegistration
            {
                ClientId = parsed.GetRequiredValue(id), AccessTokenFormat = parsed.GetValue(opaque) ? "opaque" : null,
            });
            if (!parsed.GetValue(isPublic) && registration.WantsSecret) registration.ClientSecret = ClientRegistry.NewSecret();
            if (await services.GetRequiredService<ClientRegistry>().AddAsync(registration, CommandLine.Actor) is { } problem)
                return await CommandLine.FailAsync(problem);
            Console.WriteLine(registration.ClientSecret is { } secret
                ? $"client_id {registration.ClientId}\nclient_secret {secret}" : $"client_id {registration.ClientId}");
            return CommandLine.Done;
        }, [id, isPublic, opaque, .. fields.All]);
    }

    private static Command Change()
    {
        var (id, fields) = (new Argument<string>("client_id"), new ClientFields());
        return CommandLine.Make("change", "Change what is named of a client's registration; the rest stays, and '' removes",
            async (parsed, services) =>
            {
                fields.ReadKeys(parsed);
                var (client, refused) = await services.GetRequiredService<ClientRegistry>().UpdateAsync(
                    parsed.GetRequiredValue(id), _ => true, current => Changed(fields.Apply(parsed, current)), CommandLine.Actor);
                if (client is null)
                    return await CommandLine.FailAsync(refused == ChangeRefused.NotThere ? NoSuchClient : refused!.Problem);
                Console.WriteLine($"{client.ClientId} is changed");
                return CommandLine.Done;
            }, [id, .. fields.All]);
    }

    private static ClientRegistration Changed(ClientRegistration client)
    {
        if (client.AccessTokenLifetime is 0) client.AccessTokenLifetime = null;
        return client;
    }

    private static Command RotateSecret()
    {
        var id = new Argument<string>("client_id");
        var keep = new Option<TimeSpan>("--keep-old-for")
        {
            Description = "take the old one too for that long (d.hh:mm:ss, 30 days at most)", HelpName = "time",
            // A number alone would be days.
            CustomParser = given =>
            {
                if (!TimeSpan.TryParseExact(given.Tokens[0].Value, ["hh\\:mm\\:ss", "d\\.hh\\:mm\\:ss"], CultureInfo.InvariantCulture,
                    out var time)) given.AddError("--keep-old-for must be a time as hh:mm:ss or d.hh:mm:ss");
                return time;
            },
        };
        return CommandLine.Make("rotate-secret",
            "Give a client a new secret, shown once; the old one is refused", async (parsed, services) =>
            {
                var (clientId, time) = (parsed.GetRequiredValue(id), parsed.GetValue(keep));
                if (!OldSecret.MayGoOnFor(time)) return await CommandLine.FailAsync(OldSecret.TooLong);
                if (await services.GetRequiredService<ClientRegistry>().RotateSecretAsync(clientId, CommandLine.Actor, time)
                    is not { } secret) return await CommandLine.FailAsync("there is no such client with a secret");
                Console.WriteLine($"client_id {clientId}\nclient_secret {secret}");
                return CommandLine.Done;
            }, id, keep);
    }

    private static Command Act(string name, string description,
        Func<ClientRegistry, string, Task<bool>> change, string done, string before)
    {
        var id = new Argument<string>("client_id");
        return CommandLine.Make(name, description, async (parsed, services) =>
        {
            var clients = services.GetRequiredService<ClientRegistry>();
            if (clients.FindRegistered(parsed.GetRequiredValue(id)) is not { } client)
                return await CommandLine.FailAsync(NoSuchClient);
            Console.WriteLine($"{client.ClientId} {(await change(clients, client.ClientId) ? done : before)}");
            return CommandLine.Done;
        }, id);
    }

    private static Command EndSessions()
    {
        var id = new Argument<string>("client_id");
        return CommandLine.Make("end-sessions", "End all sessions of a client, which goes on; its own tokens stay good",
            async (parsed, services) =>
            {
                if (services.GetRequiredService<ClientRegistry>().FindRegistered(parsed.GetRequiredValue(id)) is not { } client)
                    return await CommandLine.FailAsync(NoSuchClient);
                int ended = await services.GetRequiredService<SessionAdministration>().EndAllOfAsync(client, CommandLine.Actor);
                Console.WriteLine($"{client.ClientId} has no session any more; ended: {ended.ToString(CultureInfo.InvariantCulture)}");
                return CommandLine.Done;
            }, id);
    }

    private static Task<int> ListAsync(ClientRegistry clients)
    {
        foreach (var c in clients.Registered)
            Console.WriteLine(
                $"{c.ClientId}\t{(c.IsPublic ? "public" : "confidential")}\t{(c.IsRevoked ? "revoked" : "active")}\t"
                    + $"{string.Join(' ', c.GrantTypes.Order(StringComparer.Ordinal))}\t{c.Scopes}");
        return Task.FromResult(CommandLine.Done);
    }
}

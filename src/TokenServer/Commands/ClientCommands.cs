using System.CommandLine;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Commands;

/// <summary><c>TokenServer client add|list|change|revoke|restore|delete|rotate-secret</c>.
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
        command.Subcommands.Add(RotateSecret());
        return command;
    }

    private static Command Add()
    {
        var (id, fields) = (new Argument<string>("client_id"), new ClientFields());
        var isPublic = new Option<bool>("--public") { Description = "without a secret" };
        var opaque = new Option<bool>("--opaque") { Description = "its access tokens are opaque" };
        return CommandLine.Make("add", "Register a client; its secret is shown once", async (parsed, services) =>
        {
            var registration = fields.Apply(parsed, new ClientRegistration
            {
                ClientId = parsed.GetRequiredValue(id), ClientSecret = parsed.GetValue(isPublic) ? null : ClientRegistry.NewSecret(),
                AccessTokenFormat = parsed.GetValue(opaque) ? "opaque" : null,
            });
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
        return CommandLine.Make("rotate-secret",
            "Give a client a new secret, shown once; the old one is refused", async (parsed, services) =>
            {
                string clientId = parsed.GetRequiredValue(id);
                if (await services.GetRequiredService<ClientRegistry>().RotateSecretAsync(clientId, CommandLine.Actor) is not { } secret)
                    return await CommandLine.FailAsync("there is no such client with a secret");
                Console.WriteLine($"client_id {clientId}\nclient_secret {secret}");
                return CommandLine.Done;
            }, id);
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

    private static Task<int> ListAsync(ClientRegistry clients)
    {
        foreach (var c in clients.Registered)
            Console.WriteLine(
                $"{c.ClientId}\t{(c.IsPublic ? "public" : "confidential")}\t{(c.IsRevoked ? "revoked" : "active")}\t"
                    + $"{string.Join(' ', c.GrantTypes.Order(StringComparer.Ordinal))}\t{c.Scopes}");
        return Task.FromResult(CommandLine.Done);
    }
}

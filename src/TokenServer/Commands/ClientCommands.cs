using System.CommandLine;
using TokenServer.Clients;

namespace TokenServer.Commands;

/// <summary><c>TokenServer client add|list|revoke|restore|delete|rotate-secret</c>.
/// A secret is made by the server and shown once.</summary>
internal static class ClientCommands
{
    public static Command Create()
    {
        var command = new Command("client", "Add, list, revoke and restore clients, and rotate their secrets");
        command.Subcommands.Add(Add());
        command.Subcommands.Add(
            CommandLine.Make("list", "List the clients", (_, services) => ListAsync(services.GetRequiredService<ClientRegistry>())));
        command.Subcommands.Add(Change("revoke", "Refuse a client, and with it every token it was given",
            (clients, id) => clients.RevokeAsync(id, CommandLine.Actor), "is revoked", "was revoked already"));
        command.Subcommands.Add(Change("restore", "Let a revoked client ask for new tokens; old ones stay dead",
            (clients, id) => clients.RestoreAsync(id, CommandLine.Actor), "may ask for tokens again", "was not revoked"));
        command.Subcommands.Add(Change("delete", "Delete a client; every token it was given is dead",
            (clients, id) => clients.DeleteAsync(id, CommandLine.Actor), "is deleted", "was deleted already"));
        command.Subcommands.Add(RotateSecret());
        return command;
    }

    private static Command Add()
    {
        var id = new Argument<string>("client_id");
        var grants = new Option<string[]>(
            "--grant-type") { Description = "a grant type it may use; may be repeated", AllowMultipleArgumentsPerToken = true };
        var scope = new Option<string?>("--scope") { Description = "space-separated scopes it may ask for" };
        var audiences = new Option<string[]>("--audience")
            { Description = "an audience whose tokens it may introspect; may be repeated", AllowMultipleArgumentsPerToken = true };
        var name = new Option<string?>("--name") { Description = "name shown to people" };
        var isPublic = new Option<bool>("--public") { Description = "without a secret" };
        var introspection = new Option<bool>("--introspection") { Description = "it may introspect tokens" };
        var opaque = new Option<bool>("--opaque") { Description = "its access tokens are opaque" };
        var lifetime = new Option<int?>("--access-token-lifetime") { Description = "seconds" };
        return CommandLine.Make("add", "Register a client; its secret is shown once", async (parsed, services) =>
        {
            var registration = new ClientRegistration
            {
                ClientId = parsed.GetRequiredValue(id), ClientSecret = parsed.GetValue(isPublic) ? null : ClientRegistry.NewSecret(),
                ClientName = parsed.GetValue(name), GrantTypes = parsed.GetValue(grants) ?? [], Scope = parsed.GetValue(scope),
                Audiences = parsed.GetValue(audiences) ?? [], Introspection = parsed.GetValue(introspection),
                AccessTokenFormat = parsed.GetValue(opaque) ? "opaque" : null, AccessTokenLifetime = parsed.GetValue(lifetime),
            };
            if (await services.GetRequiredService<ClientRegistry>().AddAsync(registration, CommandLine.Actor) is { } problem)
                return await CommandLine.FailAsync(problem);
            Console.WriteLine(registration.ClientSecret is { } secret
                ? $"client_id {registration.ClientId}\nclient_secret {secret}" : $"client_id {registration.ClientId}");
            return CommandLine.Done;
        }, id, grants, scope, audiences, name, isPublic, introspection, opaque, lifetime);
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

    private static Command Change(string name, string description,
        Func<ClientRegistry, string, Task<bool>> change, string done, string before)
    {
        var id = new Argument<string>("client_id");
        return CommandLine.Make(name, description, async (parsed, services) =>
        {
            var clients = services.GetRequiredService<ClientRegistry>();
            if (clients.Find(parsed.GetRequiredValue(id)) is not { } client) return await CommandLine.FailAsync("there is no such client");
            Console.WriteLine($"{client.ClientId} {(await change(clients, client.ClientId) ? done : before)}");
            return CommandLine.Done;
        }, id);
    }

    private static Task<int> ListAsync(ClientRegistry clients)
    {
        foreach (var c in clients.All)
            Console.WriteLine(
                $"{c.ClientId}\t{(c.IsPublic ? "public" : "confidential")}\t{(c.IsRevoked ? "revoked" : "active")}\t"
                    + $"{string.Join(' ', c.GrantTypes.Order(StringComparer.Ordinal))}\t{c.Scopes}");
        return Task.FromResult(CommandLine.Done);
    }
}

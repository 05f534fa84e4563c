using System.CommandLine;
using TokenServer.Clients;

namespace TokenServer.Commands;

/// <summary><c>TokenServer scope add|list|change|delete</c>.</summary>
internal static class ScopeCommands
{
    public static Command Create()
    {
        var command = new Command("scope", "Add, list, change and delete scopes");
        command.Subcommands.Add(Add());
        command.Subcommands.Add(CommandLine.Make("list", "List the scopes, and the resources that their tokens are for",
            (_, services) => ListAsync(services.GetRequiredService<ScopeRegistry>())));
        command.Subcommands.Add(Change());
        command.Subcommands.Add(Delete());
        return command;
    }

    private static Command Add()
    {
        var (name, fields) = (new Argument<string>("name"), new Fields());
        return CommandLine.Make("add", "Register a scope", async (parsed, services) =>
        {
            var scope = fields.Apply(parsed, new ScopeRegistration { Name = parsed.GetRequiredValue(name) });
            if (await services.GetRequiredService<RegisteredScopes>().AddAsync(scope, CommandLine.Actor) is { } problem)
                return await CommandLine.FailAsync(problem);
            Console.WriteLine($"{scope.Name} is registered");
            return CommandLine.Done;
        }, [name, .. fields.All]);
    }

    private static Command Change()
    {
        var (name, fields) = (new Argument<string>("name"), new Fields());
        return CommandLine.Make("change", "Change what is named of a scope; the rest stays", async (parsed, services) =>
        {
            var (scope, refused) = await services.GetRequiredService<RegisteredScopes>().UpdateAsync(
                parsed.GetRequiredValue(name), _ => true, current => fields.Apply(parsed, current), CommandLine.Actor);
            if (scope is null) return await CommandLine.FailAsync(refused!.Problem);
            Console.WriteLine($"{scope.Name} is changed");
            return CommandLine.Done;
        }, [name, .. fields.All]);
    }

    private static Command Delete()
    {
        var name = new Argument<string>("name");
        return CommandLine.Make("delete", "Delete a scope that no client may ask for any more", async (parsed, services) =>
        {
            string text = parsed.GetRequiredValue(name);
            if (await services.GetRequiredService<RegisteredScopes>().DeleteAsync(text, CommandLine.Actor) is { } refused)
                return await CommandLine.FailAsync(refused.Problem);
            Console.WriteLine($"{text} is deleted");
            return CommandLine.Done;
        }, name);
    }

    private static Task<int> ListAsync(ScopeRegistry scopes)
    {
        foreach (string name in scopes.Names)
        {
            var row = scopes.FindRow(name);
            Console.WriteLine($"{name}\t{(row is null ? "built in" : "registered")}\t{string.Join(' ', scopes.ResourcesOf(name))}\t"
                + $"{row?.DisplayName}\t{row?.Description}");
        }
        return Task.FromResult(CommandLine.Done);
    }

    /// <summary>The options of a scope: what is given replaces what was there; an empty text removes it.</summary>
    private sealed class Fields
    {
        private readonly Option<string?> displayName = new("--display-name") { Description = "name shown to people; '' removes it" },
            description = new("--description") { Description = "what people read before they allow it; '' removes it" };
        private readonly Option<string[]> resources = new("--resource")
        {
            Description = "what its tokens are for, their aud; may be repeated; '' is none", AllowMultipleArgumentsPerToken = true,
        };

        public Option[] All => [displayName, description, resources];

        public ScopeRegistration Apply(ParseResult parsed, ScopeRegistration scope)
        {
            if (parsed.GetResult(displayName) is not null) scope.DisplayName = GivenText.Of(parsed.GetValue(displayName));
            if (parsed.GetResult(description) is not null) scope.Description = GivenText.Of(parsed.GetValue(description));
            if (parsed.GetResult(resources) is not null) scope.Resources = GivenText.Of(parsed.GetValue(resources));
            return scope;
        }
    }
}

using System.CommandLine;
using TokenServer.Accounts;
using TokenServer.Storage.Rows;

namespace TokenServer.Commands;

/// <summary><c>TokenServer user add|list|change|disable|enable|remove-2fa|passkeys|remove-passkey|unlock|end-sessions|
/// authenticators|remove-authenticator|email-changes|confirm-email|refuse-email|delete|password</c>.
/// Passwords are read from standard input, never from the command line.</summary>
internal static class UserCommands
{
    private const string Roles = "user, admin, auditor (reads), helpdesk (users, sessions, second factors, installs), or a word of yours";

    public static Command Create()
    {
        var command = new Command("user", "Add, list, change, disable, unlock and enable users, set their passwords, end their sessions");
        command.Subcommands.Add(Add());
        command.Subcommands.Add(
            CommandLine.Make("list", "List the users", (_, services) => ListAsync(services.GetRequiredService<UserAccounts>())));
        command.Subcommands.Add(Change());
        command.Subcommands.Add(Act("disable", "Disable a user: all sessions end for good",
            (accounts, account) => accounts.DisableAsync(account, CommandLine.Actor), "is disabled", "was disabled already"));
        command.Subcommands.Add(Act("enable", "Let a disabled user sign in again",
            (accounts, account) => accounts.EnableAsync(account, CommandLine.Actor), "may sign in again", "was not disabled"));
        command.Subcommands.Add(
            Act("remove-2fa", "Take the second factor off a user who has lost it; all sessions end", (accounts, account) =>
                accounts.RemoveSecondFactorAsync(account, CommandLine.Actor), "signs in by password alone", "has no second factor"));
        command.Subcommands.Add(Unlock());
        command.Subcommands.Add(EndSessions());
        command.Subcommands.Add(PasskeyCommands.List());
        command.Subcommands.Add(PasskeyCommands.Remove());
        command.Subcommands.Add(AuthenticatorCommands.List());
        command.Subcommands.Add(AuthenticatorCommands.Remove());
        command.Subcommands.Add(EmailChangeCommands.List());
        command.Subcommands.Add(EmailChangeCommands.Confirm());
        command.Subcommands.Add(EmailChangeCommands.Refuse());
        command.Subcommands.Add(Delete());
        command.Subcommands.Add(Password());
        return command;
    }

    private static Command Add()
    {
        var name = new Argument<string>("username") { Description = "user name, without @" };
        var email = new Option<string>("--email") { Required = true, Description = "e-mail address" };
        var fullName = new Option<string?>("--name") { Description = "full name" };
        var role = new Option<string>("--role") { DefaultValueFactory = _ => "user", Description = Roles };
        return CommandLine.Make("add", "Add a user; the password is read from standard input", async (parsed, services) =>
        {
            if (SecretInput.Read("Password: ") is not { } password)
                return await CommandLine.FailAsync("a password is expected on standard input");
            var draft = new NewAccount { UserName = parsed.GetRequiredValue(name), Email = parsed.GetRequiredValue(email),
                Name = parsed.GetValue(fullName), Role = parsed.GetValue(role)!, Password = password };
            if (await services.GetRequiredService<UserAccounts>().AddAsync(draft, CommandLine.Actor) is { } problem)
                return await CommandLine.FailAsync(problem);
            Console.WriteLine($"{draft.UserName} may sign in");
            return CommandLine.Done;
        }, name, email, fullName, role);
    }

    private static Command Change()
    {
        var login = Login();
        var email = new Option<string?>("--email") { Description = "e-mail address" };
        var fullName = new Option<string?>("--name") { Description = "full name; '' removes it" };
        var role = new Option<string?>("--role") { Description = $"{Roles}; another role ends the user's sessions" };
        return CommandLine.Make("change", "Change what is named of a user; the rest stays", async (parsed, services) =>
        {
            if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                return await CommandLine.FailAsync("there is no such user");
            var (changed, refused) = await services.GetRequiredService<AccountAdministration>().UpdateAsync(account.Id, _ => true,
                current => new AccountChange(parsed.GetValue(email) ?? current.Email ?? "",
                    parsed.GetResult(fullName) is null ? current.Name : GivenText.Of(parsed.GetValue(fullName)),
                    parsed.GetValue(role) ?? current.Role), CommandLine.Actor);
            if (changed is null) return await CommandLine.FailAsync(refused!.Problem);
            Console.WriteLine($"{changed.UserName} is changed");
            return CommandLine.Done;
        }, login, email, fullName, role);
    }

    private static Command Unlock() => OfUser("unlock", "Let an account that too many failures have locked sign in again",
        async (services, account) => await services.GetRequiredService<AccountLocks>().UnlockAsync(account.Id, CommandLine.Actor)
            ? "is unlocked" : "was not locked");

    private static Command EndSessions() => OfUser("end-sessions", "End all sessions of a user; API keys and tunnels stay",
        async (services, account) =>
        {
            int? ended = await services.GetRequiredService<SessionAdministration>().EndAllOfAsync(account.Id, CommandLine.Actor);
            return $"has no session any more; ended: {(ended ?? 0).ToString(CultureInfo.InvariantCulture)}";
        });

    private static Command Delete()
    {
        var login = Login();
        return CommandLine.Make(
            "delete", "Delete a user with everything that is the user's; all sessions end for good", async (parsed, services) =>
            {
                if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                    return await CommandLine.FailAsync("there is no such user");
                await services.GetRequiredService<AccountAdministration>().DeleteAsync(account.Id, CommandLine.Actor);
                Console.WriteLine($"{account.UserName} is deleted");
                return CommandLine.Done;
            }, login);
    }

    private static Command Password()
    {
        var login = Login();
        return CommandLine.Make("password",
            "Set a user's password, read from standard input; all sessions of the user end", async (parsed, services) =>
            {
                var accounts = services.GetRequiredService<UserAccounts>();
                if (accounts.FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                    return await CommandLine.FailAsync("there is no such user");
                if (SecretInput.Read("New password: ") is not { } password)
                    return await CommandLine.FailAsync("a password is expected on standard input");
                if (await accounts.SetPasswordAsync(account, password, CommandLine.Actor) is { } problem)
                    return await CommandLine.FailAsync(problem);
                Console.WriteLine($"{account.UserName} has a new password; all sessions have ended");
                return CommandLine.Done;
            }, login);
    }

    private static Command Act(string name, string description,
        Func<UserAccounts, AccountSnapshot, Task<bool>> change, string done, string before) => OfUser(name, description,
            async (services, account) => await change(services.GetRequiredService<UserAccounts>(), account) ? done : before);

    private static Command OfUser(string name, string description, Func<IServiceProvider, AccountSnapshot, Task<string>> act)
    {
        var login = Login();
        return CommandLine.Make(name, description, async (parsed, services) =>
        {
            if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                return await CommandLine.FailAsync("there is no such user");
            Console.WriteLine($"{account.UserName} {await act(services, account)}");
            return CommandLine.Done;
        }, login);
    }

    private static Task<int> ListAsync(UserAccounts accounts)
    {
        foreach (var a in accounts.All())
            Console.WriteLine(
                $"{a.Id}\t{a.UserName}\t{a.Email}\t{a.Role}\t{(a.DisabledAt is null ? "enabled" : "disabled")}\t"
                    + $"{(a.HasSecondFactor ? "2fa" : "-")}");
        return Task.FromResult(CommandLine.Done);
    }

    private static Argument<string> Login() => new("user") { Description = "user name or e-mail address" };
}

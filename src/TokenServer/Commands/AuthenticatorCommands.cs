using System.CommandLine;
using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Foundation;

namespace TokenServer.Commands;

/// <summary><c>TokenServer user authenticators|remove-authenticator</c>.</summary>
internal static class AuthenticatorCommands
{
    public static Command List()
    {
        var login = Login();
        return CommandLine.Make("authenticators", "List a user's authenticator apps", async (parsed, services) =>
        {
            if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                return await CommandLine.FailAsync("there is no such user");
            foreach (var a in services.GetRequiredService<UserAuthenticators>().Of(account.Id))
                Console.WriteLine($"{a.PublicId}\t{a.Name}\t{Timestamps.Of(a.CreatedAt) ?? "-"}\t{Timestamps.Of(a.LastUsedAt) ?? "-"}");
            return CommandLine.Done;
        }, login);
    }

    public static Command Remove()
    {
        var login = Login();
        var authenticator = new Argument<string>("authenticator") { Description = "its id, as 'user authenticators' lists it" };
        return CommandLine.Make("remove-authenticator",
            "Remove an authenticator app that a user has lost; all sessions end, and with the last one the second factor is off",
            async (parsed, services) =>
            {
                if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                    return await CommandLine.FailAsync("there is no such user");
                var authenticators = services.GetRequiredService<UserAuthenticators>();
                if (!await authenticators.RemoveAsync(account.Id, parsed.GetRequiredValue(authenticator), CommandLine.Actor))
                    return await CommandLine.FailAsync("the user has no such authenticator");
                Console.WriteLine($"{account.UserName} has one authenticator less");
                return CommandLine.Done;
            }, login, authenticator);
    }

    private static Argument<string> Login() => new("user") { Description = "user name or e-mail address" };
}

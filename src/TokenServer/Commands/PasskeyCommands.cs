using System.CommandLine;
using TokenServer.Accounts;
using TokenServer.Accounts.Passkeys;
using TokenServer.Foundation;

namespace TokenServer.Commands;

/// <summary><c>TokenServer user passkeys|remove-passkey</c>.</summary>
internal static class PasskeyCommands
{
    public static Command List()
    {
        var login = Login();
        return CommandLine.Make("passkeys", "List a user's passkeys", async (parsed, services) =>
        {
            if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                return await CommandLine.FailAsync("there is no such user");
            foreach (var p in services.GetRequiredService<UserPasskeys>().Of(account.Id))
                Console.WriteLine($"{p.PublicId}\t{p.Name}\t{(p.IsSynced ? "synced" : "on one device")}\t"
                    + $"{Timestamps.Of(p.CreatedAt)}\t{Timestamps.Of(p.LastUsed) ?? "-"}");
            return CommandLine.Done;
        }, login);
    }

    public static Command Remove()
    {
        var login = Login();
        var passkey = new Argument<string>("passkey") { Description = "its id, as 'user passkeys' lists it" };
        return CommandLine.Make("remove-passkey",
            "Remove a passkey that a user has lost; the sessions that were begun with it end", async (parsed, services) =>
            {
                if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                    return await CommandLine.FailAsync("there is no such user");
                if (!await services.GetRequiredService<UserPasskeys>().RemoveAsync(
                    account.Id, parsed.GetRequiredValue(passkey), CommandLine.Actor))
                    return await CommandLine.FailAsync("the user has no such passkey");
                Console.WriteLine($"{account.UserName} has one passkey less");
                return CommandLine.Done;
            }, login, passkey);
    }

    private static Argument<string> Login() => new("user") { Description = "user name or e-mail address" };
}

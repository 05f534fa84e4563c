using System.CommandLine;
using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Commands;

/// <summary><c>TokenServer user email-changes|confirm-email|refuse-email</c>.</summary>
internal static class EmailChangeCommands
{
    public static Command List() => CommandLine.Make("email-changes", "List the e-mail addresses that wait to be confirmed",
        (_, services) =>
    {
        var accounts = services.GetRequiredService<UserAccounts>();
        foreach (var c in services.GetRequiredService<EmailChanges>().All())
            Console.WriteLine($"{c.PublicId}\t{accounts.Find(c.AccountId)?.UserName}\t{c.Email}\t"
                + $"{Timestamps.Of(c.AskedAt)}\t{(c.IsTaken ? "another account has it" : "-")}");
        return Task.FromResult(CommandLine.Done);
    });

    public static Command Confirm() => Settle("confirm-email", "Give a user the e-mail address that waits: it is proven by that",
        (changes, account, change) => changes.ConfirmAsync(account, change, CommandLine.Actor), "has the new e-mail address");

    public static Command Refuse() => Settle("refuse-email", "Refuse the e-mail address that waits for a user; the old one stays",
        (changes, account, change) => changes.RefuseAsync(account, change, CommandLine.Actor), "keeps the old e-mail address");

    private static Command Settle(string name, string description,
        Func<EmailChanges, int, string, Task<Changed<AccountSnapshot>>> settle, string done)
    {
        var login = new Argument<string>("user") { Description = "user name or e-mail address" };
        var change = new Argument<string>("change") { Description = "its id, as 'user email-changes' lists it" };
        return CommandLine.Make(name, description, async (parsed, services) =>
        {
            if (services.GetRequiredService<UserAccounts>().FindByLogin(parsed.GetRequiredValue(login)) is not { } account)
                return await CommandLine.FailAsync("there is no such user");
            var (_, refused) = await settle(services.GetRequiredService<EmailChanges>(), account.Id, parsed.GetRequiredValue(change));
            if (refused is not null)
                return await CommandLine.FailAsync(refused == ChangeRefused.NotThere ? "the user has no such change" : refused.Problem);
            Console.WriteLine($"{account.UserName} {done}");
            return CommandLine.Done;
        }, login, change);
    }
}

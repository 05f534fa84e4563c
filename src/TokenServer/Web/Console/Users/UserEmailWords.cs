using TokenServer.Accounts;
using TokenServer.Storage.Rows;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>The words of what is answered to a user who wants another e-mail address.</summary>
internal static class UserEmailWords
{
    /// <summary>Of the choice, and where it is missing.</summary>
    public const string Answer = "Answer", Refuse = "Refuse it", Confirm = "Confirm it",
        NoAnswer = "Nothing was done: choose an answer.";

    public static ActWords Settle(AccountSnapshot account, WaitingEmail wanted)
    {
        string name = Bidi.Of(account.UserName);
        return new($"New e-mail address of {name}",
            $"{name} has {account.Email} and wants {wanted.Email}. Confirm it only if you know that the user gets what is "
                + "sent there: applications are told that it is verified, and the user signs in with it."
                + (wanted.IsTaken ? " Another account has this address, so it can only be refused." : ""),
            "Send the answer");
    }
}

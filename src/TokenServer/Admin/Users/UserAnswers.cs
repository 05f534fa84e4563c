using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Storage.Rows;

namespace TokenServer.Admin.Users;

/// <summary>Users as they are answered, with what is known of them beside their rows.</summary>
internal sealed class UserAnswers(AccountLocks locks, EmailChanges changes)
{
    public UserAnswer Of(AccountSnapshot account) => UserAnswer.Of(account, locks, changes.Of(account.Id));

    /// <summary>How each of some is answered.</summary>
    public Func<AccountSnapshot, UserAnswer> Among(IReadOnlyList<AccountSnapshot> accounts)
    {
        var waiting = changes.Of(accounts.Select(a => a.Id));
        return account => UserAnswer.Of(account, locks, waiting.GetValueOrDefault(account.Id));
    }

    /// <summary>The answer, with its ETag.</summary>
    public JsonAnswer<UserAnswer> Answer(HttpContext context, AccountSnapshot account, int status = StatusCodes.Status200OK)
    {
        EntityTag.Set(context, account.Version);
        return new(status, Of(account), AdminJson.Default.UserAnswer);
    }
}

using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Tests.Support;

/// <summary>E-mail addresses that users want, as their pages ask for them.</summary>
internal static class EmailWishes
{
    /// <summary>A user by a session that was begun just now.</summary>
    public static async Task<Owner> OwnerAsync(this TestServer server, string user, params string[] methods)
    {
        var account = server.Get<UserAccounts>().FindByLogin(user)!;
        var first = server.Get<FirstPartyClient>();
        var session = await server.Get<Database>().WriteAsync(s =>
            server.Get<UserSessions>().Start(s, account, first.Client, first.Scopes, methods.Length == 0 ? ["pwd"] : methods, false, null).Session);
        return new Owner(account.Id, session.Id, "192.0.2.7");
    }

    /// <summary>Asks for another address; the id of what waits.</summary>
    public static async Task<string> WantEmailAsync(this TestServer server, string user, string email)
    {
        var owner = await server.OwnerAsync(user, SignIn.WithCode);
        (await server.Get<EmailChanges>().AskAsync(owner, email)).Should().Be(EmailAsked.Waits);
        return server.Get<EmailChanges>().Of(owner.AccountId)!.PublicId;
    }
}

using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Storage;

namespace TokenServer.Tests.Support;

/// <summary>Authenticators of users, and what comes of their codes, past all doors.</summary>
internal static class Authenticators
{
    /// <summary>Adds one, without turning the second factor on.</summary>
    public static Task<(string Id, byte[] Secret)> AddAuthenticatorAsync(this TestServer server, string user, string name = "Phone") =>
        server.Get<Database>().WriteAsync(s =>
        {
            var (factor, account) = (server.Get<SecondFactor>(), UserAccounts.FindByLogin(s, user)!);
            byte[] secret = factor.SetUp(s, account.Id);
            long id = factor.Prove(s, account.Id, SecondFactor.CodeOf(secret, server.Clock.GetUtcNow()), name)!.Value;
            return (TimeOrderedId.ToText(id), secret);
        });

    public static IReadOnlyList<TokenServer.Accounts.TwoFactor.Authenticator> AuthenticatorsOf(this TestServer server, string user) =>
        server.Get<UserAuthenticators>().Of(server.Get<UserAccounts>().FindByLogin(user)!.Id);

    /// <summary>Shows a code as a sign-in does.</summary>
    public static Task<SecondFactorVerdict> UseCodeAsync(this TestServer server, string user, string code) =>
        server.Get<Database>().WriteAsync(s => server.Get<SecondFactor>().Use(s, UserAccounts.FindByLogin(s, user)!.Id, code, "192.0.2.7"));

    /// <summary>The code of a secret, of a step beside the one of now.</summary>
    public static string CodeOf(this TestServer server, byte[] secret, int steps = 0) =>
        SecondFactor.CodeOf(secret, server.Clock.GetUtcNow() + (steps * TimeSpan.FromSeconds(30)));
}

using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authorization;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/apps: what the account has allowed, with its sessions, and takes back (contract section 9).</summary>
internal static class AppEndpoints
{
    public const string Path = WebModule.Account + "/apps";
    private const int LongestClientId = 1000;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/apps", IResult (HttpContext context, Consents consents, OpenSessions sessions, ScopeRegistry scopes) =>
            new Page<AppsPage>(List(context.Visitor().Account.Id, consents, sessions, scopes)));
        pages.MapPost("/apps/withdraw", WithdrawAsync);
    }

    private static List<AllowedApp> List(int accountId, Consents consents, OpenSessions sessions, ScopeRegistry scopes)
    {
        var open = sessions.Of(accountId).ToLookup(s => s.Client.Id);
        return [.. consents.Of(accountId).Select(c =>
            new AllowedApp(c.Client!, ScopeWords.Of(scopes.Existing(c.Scopes), scopes), c.GrantedAt, [.. open[c.Client!.Id]]))];
    }

    private static async Task<IResult> WithdrawAsync(HttpContext context, Consents consents)
    {
        string clientId = context.Request.Text("client_id", LongestClientId) ?? "";
        return await consents.WithdrawAsync(context.Owner(), clientId) switch
        {
            NotOwned.Owned => Go.To(Path, Notice.AppWithdrawn),
            NotOwned.SignedOut => Go.To(SignInPages.SignIn, Path),
            _ => ErrorPages.Of(Fault.NotFound),
        };
    }
}

/// <summary>A client that the account has allowed something.</summary>
/// <param name="Client">The client.</param>
/// <param name="Scopes">What, in words.</param>
/// <param name="GrantedAt">When the account last said so, UTC.</param>
/// <param name="Sessions">Those that go on.</param>
internal sealed record AllowedApp(Client Client, IReadOnlyList<string> Scopes, DateTime GrantedAt, IReadOnlyList<OpenSession> Sessions);

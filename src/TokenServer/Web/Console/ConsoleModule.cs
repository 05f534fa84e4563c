using TokenServer.Web.Console.Audit;
using TokenServer.Web.Console.Clients;
using TokenServer.Web.Console.Feed;
using TokenServer.Web.Console.Installs;
using TokenServer.Web.Console.Keys;
using TokenServer.Web.Console.Logouts;
using TokenServer.Web.Console.Overview;
using TokenServer.Web.Console.Scopes;
using TokenServer.Web.Console.Sessions;
using TokenServer.Web.Console.Tokens;
using TokenServer.Web.Console.Users;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console;

/// <summary>The administration console at /admin: for who administers, each role what it may, with a second factor,
/// and for what is dangerous after a recent sign-in.</summary>
internal static class ConsoleModule
{
    public static IServiceCollection AddConsole(this IServiceCollection services) =>
        services.AddSingleton<Figures>().AddSingleton<UserBelongings>().AddSingleton<PastedTokens>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages(WebModule.Console).ForAdministrators().WithSecondFactor();
        OverviewEndpoint.Map(pages);
        ClientEndpoints.Map(pages);
        ClientActEndpoints.Map(pages);
        ScopeEndpoints.Map(pages);
        UserEndpoints.Map(pages);
        UserPasskeyEndpoints.Map(pages);
        UserEmailEndpoints.Map(pages);
        UserAuthenticatorEndpoints.Map(pages);
        UserActEndpoints.Map(pages);
        SessionEndpoints.Map(pages);
        LogoutEndpoints.Map(pages);
        FeedEndpoints.Map(pages);
        TokenEndpoints.Map(pages);
        InstallEndpoints.Map(pages);
        ServerEndpoints.Map(pages);
        KeyEndpoints.Map(pages);
        AuditEndpoints.Map(pages);
    }
}

using TokenServer.Web.Console.Audit;
using TokenServer.Web.Console.Clients;
using TokenServer.Web.Console.Installs;
using TokenServer.Web.Console.Keys;
using TokenServer.Web.Console.Overview;
using TokenServer.Web.Console.Scopes;
using TokenServer.Web.Console.Sessions;
using TokenServer.Web.Console.Users;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console;

/// <summary>The administration console at /admin: for administrators, with a second factor,
/// and for what is dangerous after a recent sign-in.</summary>
internal static class ConsoleModule
{
    public const string Role = "admin";

    public static IServiceCollection AddConsole(this IServiceCollection services) =>
        services.AddSingleton<Figures>().AddSingleton<UserBelongings>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages(WebModule.Console).ForRole(Role).WithSecondFactor();
        OverviewEndpoint.Map(pages);
        ClientEndpoints.Map(pages);
        ClientActEndpoints.Map(pages);
        ScopeEndpoints.Map(pages);
        UserEndpoints.Map(pages);
        UserActEndpoints.Map(pages);
        SessionEndpoints.Map(pages);
        InstallEndpoints.Map(pages);
        ServerEndpoints.Map(pages);
        KeyEndpoints.Map(pages);
        AuditEndpoints.Map(pages);
    }
}

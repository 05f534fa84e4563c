using TokenServer.Admin.Audit;
using TokenServer.Admin.Clients;
using TokenServer.Admin.Installs;
using TokenServer.Admin.Keys;
using TokenServer.Admin.Scopes;
using TokenServer.Admin.Sessions;
using TokenServer.Admin.Tokens;
using TokenServer.Admin.Users;
using TokenServer.Foundation;

namespace TokenServer.Admin;

/// <summary>The administration's REST face (contract section 6).</summary>
internal static class AdminModule
{
    private const string Prefix = "/admin/api";

    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddSingleton<AdminAuthorization>().AddSingleton<UserAnswers>().AddSingleton(new ErrorShape(Prefix, Problem.WriteAsync));

    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        var authorization = routes.ServiceProvider.GetRequiredService<AdminAuthorization>();
        var group = routes.MapGroup(Prefix).AddEndpointFilter(authorization).AddEndpointFilter(new DryRun());
        ClientEndpoints.Map(group);
        ScopeEndpoints.Map(group);
        UserEndpoints.Map(group);
        PasskeyEndpoints.Map(group);
        EmailChangeEndpoints.Map(group);
        AuthenticatorEndpoints.Map(group);
        SessionEndpoints.Map(group);
        TokenEndpoints.Map(group);
        InstallEndpoints.Map(group);
        KeyEndpoints.Map(group);
        AuditEndpoints.Map(group);
    }
}

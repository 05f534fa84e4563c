using TokenServer.Foundation;
using TokenServer.Web.Account;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console;
using TokenServer.Web.Shared;
using TokenServer.Web.Start;

namespace TokenServer.Web;

/// <summary>The pages for browsers: plain HTML and forms over the same core as every other face (docs/decisions/0012).</summary>
internal static class WebModule
{
    /// <summary>Where the account's pages and the sign-in are, and where the console's are.</summary>
    public const string Account = "/account", Console = "/admin";

    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "tokenserver_antiforgery";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.FormFieldName = "antiforgery";
            // The pages' own headers forbid framing altogether.
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddBrowserSessions().AddSingleton<PendingSignIns>().AddSingleton<SignInLimit>().AddConsole();
        foreach (string prefix in (string[])[Account, Console]) services.AddSingleton(new ErrorShape(prefix, ErrorPages.WriteAsync));
        return services;
    }

    // Else the framework would read the cookie of every request to every face, and before the proxy's headers count;
    // PageFilter reads it where it matters.
    public static void UseWeb(this IApplicationBuilder app) => app.Properties["__AuthenticationMiddlewareSet"] = true;

    public static void MapWeb(this IEndpointRouteBuilder routes)
    {
        PageFiles.Map(routes);
        StartEndpoint.Map(routes);
        var pages = routes.MapPages(Account);
        SignInEndpoints.Map(pages);
        SecondFactorEndpoints.Map(pages);
        SignInAgainEndpoints.Map(pages);
        OverviewEndpoint.Map(pages);
        TunnelEndpoints.Map(pages);
        KeyEndpoints.Map(pages);
        SessionEndpoints.Map(pages);
        PasswordEndpoints.Map(pages);
        TwoFactorEndpoints.Map(pages);
        ConsoleModule.Map(routes);
    }
}

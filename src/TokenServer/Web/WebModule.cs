using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Account;
using TokenServer.Web.Authentication;
using TokenServer.Web.Authorization;
using TokenServer.Web.Console;
using TokenServer.Web.Devices;
using TokenServer.Web.Logout;
using TokenServer.Web.Shared;
using TokenServer.Web.Start;

namespace TokenServer.Web;

/// <summary>The pages for browsers: plain HTML and forms over the same core as every other face (docs/decisions/0012).</summary>
internal static class WebModule
{
    /// <summary>Where the account's pages and the sign-in are, and where the console's are.</summary>
    public const string Account = "/account", Console = "/admin";

    /// <summary>What ties a form to its browser.</summary>
    public const string AntiforgeryCookie = "tokenserver_antiforgery", AntiforgeryField = "antiforgery";

    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = AntiforgeryCookie;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // As the session's: else a page that a client sent the browser to would make the forms of all others out of date.
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.FormFieldName = AntiforgeryField;
            // The pages' own headers forbid framing altogether.
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddBrowserSessions().AddSingleton<IAuthorizationErrorPage, AuthorizationErrorPage>()
            .AddSingleton<ILogoutPages, LogoutPages>().AddSingleton<LogoutTargets>()
            .AddSingleton<PendingSignIns>().AddSingleton<ClientRequests>().AddSingleton<SignInLimit>()
            .AddSingleton<PasskeyOffers>().AddSingleton<FormAnswers>().AddSingleton<AnswerSeal>().AddSingleton<MadeSecrets>()
            .AddSingleton<TypedForms>().AddSingleton<PageRights>()
            .AddConsole();
        // Where a client sends a browser, it is a person who reads.
        foreach (string prefix in (string[])
            [Account, Console, "/connect/authorize", "/connect/endsession", VerifyEndpoints.Path, VerifyEndpoints.ShortPath])
            services.AddSingleton(new ErrorShape(prefix, ErrorPages.WriteAsync));
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
        PasskeySignInEndpoints.Map(pages);
        SecondFactorEndpoints.Map(pages);
        SignInAgainEndpoints.Map(pages);
        ConsentEndpoints.Map(pages);
        ChooseEndpoints.Map(pages);
        StepUpEndpoints.Map(pages);
        SignOutEndpoints.Map(pages);
        OverviewEndpoint.Map(pages);
        ProfileEndpoints.Map(pages);
        TunnelEndpoints.Map(pages);
        KeyEndpoints.Map(pages);
        AppEndpoints.Map(pages);
        SessionEndpoints.Map(pages);
        PasswordEndpoints.Map(pages);
        PasskeyEndpoints.Map(pages);
        TwoFactorEndpoints.Map(pages);
        VerifyEndpoints.Map(routes);
        ConsoleModule.Map(routes);
    }
}

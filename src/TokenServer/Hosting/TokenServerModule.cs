using InstallLifecycle;
using Quartz;
using TokenServer.Accounts;
using TokenServer.Admin;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Pins;
using TokenServer.Accounts.Tunnels;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Backups;
using TokenServer.Clients;
using TokenServer.Connect;
using TokenServer.Faces;
using TokenServer.Foundation;
using TokenServer.Health;
using TokenServer.Import;
using TokenServer.Installs;
using TokenServer.Keys;
using TokenServer.OpenApi;
using TokenServer.Protection;
using TokenServer.Pruning;
using TokenServer.RateLimits;
using TokenServer.Scheduling;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Telemetry;
using TokenServer.Tokens;
using TokenServer.Transfers;
using TokenServer.Web;

namespace TokenServer.Hosting;

/// <summary>The table of contents: what the server is made of, and what it answers.</summary>
internal static class TokenServerModule
{
    public static IServiceCollection AddTokenServer(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(p => new DataDirectory(p.GetRequiredService<IConfiguration>()))
            .AddSingleton(TimeProvider.System).AddHostingSlice();
        return services.AddTelemetry().AddStorage().AddOpenIddictStores().AddProtection().AddAccounts().AddClients().AddSessions()
            .AddTokens().AddKeys().AddAudit().AddRateLimits()
            .AddImport().AddTransfers().AddBackups().AddScheduling(configuration).AddPruning()
            .AddConnect().AddFaces().AddInstalls().AddAdmin().AddWeb().AddOpenApiDescription().AddHealth().MakeOpenIddictSingletons();
    }

    public static void UseTokenServer(this WebApplication app)
    {
        app.UseIssuerPath();
        app.UseDraining();
        var options = app.Services.GetRequiredService<TokenServerOptions>();
        // It counts from when it is made: now, not at the first request that asks.
        app.Services.GetRequiredService<Uptime>();
        app.UseRequestSpans();
        app.UseTrustedProxies(options);
        app.UseMiddleware<ErrorShapes>();
        app.UseAllowedOrigins(options);
        app.UseFreshnessGate();
        app.UseFaceLimits();
        app.UseRequestGate();
        app.UseWeb();
        var routes = app.MapWithHead();
        routes.MapConnect();
        routes.MapFaces();
        routes.MapInstallLifecycle();
        routes.MapAdmin();
        routes.MapWeb();
        routes.MapOpenApiDescription();
        routes.MapHealth();
    }

    private static IServiceCollection AddHostingSlice(this IServiceCollection services) => services
        .AddSettings<TokenServerOptions>("TokenServer").AddSingleton<Issuer>().AddSingleton<HttpsPolicy>().AddSingleton<HttpsAdvice>()
        .AddSingleton<Uptime>().AddAllowedOrigins().AddSingleton<AnswerHeaders>().AddSingleton(new ErrorShape("", PlainErrors.WriteAsync));

    private static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddSingleton(p => DatabaseProvider.Of(p.GetRequiredService<IConfiguration>(), p.GetRequiredService<DataDirectory>()))
        .AddSingleton<Database>().AddSingleton<TimeOrderedId>()
        .AddSingleton(p => p.GetRequiredService<TokenServerOptions>().Storage)
        .AddSingleton<ChangeFeed>().AddHostedService(p => p.GetRequiredService<ChangeFeed>())
        .AddSingleton<ClockWatch>().AddHostedService(p => p.GetRequiredService<ClockWatch>())
        .AddQuartz(quartz => quartz.AddTriggerListener<ClockVeto>());

    private static IServiceCollection AddAccounts(this IServiceCollection services) => services
        .AddSettings<AccountsOptions>("Accounts").AddSettings<AdminOptions>("Admin")
        .AddSingleton<PasswordHashing>().AddSingleton<UserAccounts>().AddSingleton<AccountAdministration>()
        .AddSingleton<AdminAccess>().AddSingleton<PasswordCheck>().AddSingleton<SignIn>().AddSingleton<FaceSignIn>()
        .AddSingleton<SignInReport>().AddSingleton<SecondFactor>().AddSingleton<TempTokens>()
        .AddSingleton<Credentials>().AddSingleton<UserTunnels>().AddSingleton<UserApiKeys>().AddSingleton<LastUse>()
        .AddSettings<PinOptions>("Pin").AddSingleton<PinFile>().AddSingleton<PinTokens>()
        .AddSingleton<IKeptPinTokens>(p => p.GetRequiredService<DatabaseProvider>().IsShared
            ? new StoredPinTokens(p.GetRequiredService<Database>()) : new RememberedPinTokens(p.GetRequiredService<Database>()));

    private static IServiceCollection AddClients(this IServiceCollection services) => services
        .AddKeptInMemory<KnownClients>().AddSingleton<ClientRegistry>().AddSingleton<ClientRows>().AddSingleton<ClientSessions>()
        .AddKeptInMemory<ScopeRegistry>().AddSingleton<ScopeRows>().AddSingleton<RegisteredScopes>()
        .AddSingleton<RegistrationRules>().AddSingleton<ClientSecrets>().AddSingleton<FirstPartyClient>();

    private static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddKeptInMemory<RevocationIndex>().AddSingleton<UserSessions>()
        .AddSingleton<EverySession>().AddSingleton<OpenSessions>().AddSingleton<SessionList>().AddSingleton<BlastRadii>()
        .AddSingleton<RefreshTokens>().AddSingleton<TokenRevocation>().AddSingleton<AnyTokenRevocation>();

    private static IServiceCollection AddTokens(this IServiceCollection services) => services
        .AddSingleton(p => p.GetRequiredService<TokenServerOptions>().Lifetimes)
        .AddSingleton<AccessTokens>().AddSingleton<OpaqueAccessTokens>()
        .AddSingleton<TokenLookup>().AddSingleton<AccessTokenKind>()
        .AddSingleton<ITokenKind>(p => p.GetRequiredService<AccessTokenKind>()).AddSingleton<ITokenKind, RefreshTokenKind>()
        .AddSingleton<ITokenKind, ApiKeyKind>()
        .AddSingleton<ITokenKind, TunnelTokenKind>().AddSingleton<ITokenKind>(p => p.GetRequiredService<PinTokens>());

    private static IServiceCollection AddKeys(this IServiceCollection services) => services
        .AddSingleton(p => p.GetRequiredService<TokenServerOptions>().Keys).AddKeptInMemory<KeyRing>();

    private static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSettings<AuditOptions>("Audit")
        .AddSingleton<AuditSeal>().AddSingleton<AuditVerification>().AddSingleton<AuditKeeping>().AddSingleton<AuditLog>();

    private static IServiceCollection AddRateLimits(this IServiceCollection services) =>
        services.AddSettings<RateLimitsOptions>("RateLimits").AddSingleton<RateWindows>();

    private static IServiceCollection AddTransfers(this IServiceCollection services) => services.AddSingleton<Transfer>();

    private static IServiceCollection AddKeptInMemory<T>(this IServiceCollection services) where T : class, IKeptInMemory =>
        services.AddSingleton<T>().AddSingleton<IKeptInMemory>(p => p.GetRequiredService<T>());
}

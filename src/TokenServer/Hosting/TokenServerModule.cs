using InstallLifecycle;
using Quartz;
using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Explaining;
using TokenServer.Accounts.Passkeys;
using TokenServer.Accounts.Pins;
using TokenServer.Accounts.Tunnels;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Admin;
using TokenServer.Audit;
using TokenServer.BackChannel;
using TokenServer.Backups;
using TokenServer.Clients;
using TokenServer.Connect;
using TokenServer.Faces;
using TokenServer.Finding;
using TokenServer.Foundation;
using TokenServer.Health;
using TokenServer.Import;
using TokenServer.Installs;
using TokenServer.Keys;
using TokenServer.OpenApi;
using TokenServer.Protection;
using TokenServer.Pruning;
using TokenServer.RateLimits;
using TokenServer.RevocationFeed;
using TokenServer.Scheduling;
using TokenServer.Sessions;
using TokenServer.Sessions.Devices;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Telemetry;
using TokenServer.Tokens;
using TokenServer.Tokens.Dpop;
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
            .AddImport().AddTransfers().AddBackups().AddScheduling(configuration).AddPruning().AddBackChannelLogout().AddRevocationFeed()
            .AddConnect().AddFaces().AddInstalls().AddFinding()
            .AddAdmin().AddWeb().AddOpenApiDescription().AddHealth().MakeOpenIddictSingletons();
    }

    public static void UseTokenServer(this WebApplication app)
    {
        app.UseIssuerPath();
        app.UseDraining();
        var options = app.Services.GetRequiredService<TokenServerOptions>();
        // It counts from when it is made: now, not at the first request that asks.
        app.Services.GetRequiredService<Uptime>();
        // A domain that no browser would make a passkey for stops the start.
        app.Services.GetRequiredService<RelyingParties>();
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
        .AddSingleton<Database>().AddSingleton<TimeOrderedId>().AddSingleton<UsedIds>().AddSingleton<KeptAnswers>()
        .AddSingleton(p => p.GetRequiredService<TokenServerOptions>().Storage)
        .AddSingleton<ChangeFeed>().AddHostedService(p => p.GetRequiredService<ChangeFeed>())
        .AddSingleton<ClockWatch>().AddHostedService(p => p.GetRequiredService<ClockWatch>())
        .AddQuartz(quartz => quartz.AddTriggerListener<ClockVeto>());

    private static IServiceCollection AddAccounts(this IServiceCollection services) => services
        .AddSettings<AccountsOptions>("Accounts").AddSettings<AdminOptions>("Admin")
        .AddSingleton<PasswordHashing>().AddSingleton<UserAccounts>().AddSingleton<AccountAdministration>()
        .AddSingleton<AccountLocks>().AddSingleton<SessionAdministration>().AddSingleton<EmailChanges>().AddSingleton<OwnProfile>()
        .AddSingleton<AdminAccess>().AddSingleton<PasswordCheck>().AddSingleton<SignIn>().AddSingleton<FaceSignIn>().AddSingleton<StepUp>()
        .AddSingleton<KeyProofs>().AddSingleton<CodeSignIn>()
        .AddSingleton<SignInReport>().AddSingleton<SecondFactor>().AddSingleton<TempTokens>()
        .AddSingleton<Credentials>().AddSingleton<UserTunnels>().AddSingleton<UserApiKeys>().AddSingleton<LastUse>()
        .AddSingleton<Consents>().AddSingleton<SignInHistory>().AddExplanations()
        .AddSettings<PasskeysOptions>("Passkeys").AddSingleton<RelyingParties>().AddSingleton<Ceremonies>()
        .AddSingleton<IWebAuthentication, WebAuthentication>()
        .AddSingleton<UserAuthenticators>().AddSingleton<UserPasskeys>().AddSingleton<PasskeySignIn>()
        .AddSettings<PinOptions>("Pin").AddSingleton<PinFile>().AddSingleton<PinTokens>()
        .AddSingleton<IKeptPinTokens>(p => p.GetRequiredService<DatabaseProvider>().IsShared
            ? new StoredPinTokens(p.GetRequiredService<Database>()) : new RememberedPinTokens(p.GetRequiredService<Database>()));

    private static IServiceCollection AddExplanations(this IServiceCollection services) => services
        .AddSingleton<TokenExplanations>().AddSingleton<Blame>().AddSingleton<CommonChecks>().AddSingleton<AccessTokenChecks>()
        .AddSingleton<IExplainedKind, SignedTokens>().AddSingleton<IExplainedKind, KeptTokens>()
        .AddSingleton<IExplainedKind, AccountCredentials>();

    private static IServiceCollection AddClients(this IServiceCollection services) => services
        .AddKeptInMemory<KnownClients>().AddSingleton<ClientRegistry>().AddSingleton<ClientRows>().AddSingleton<ClientSessions>()
        .AddSingleton<LogoutDeliveries>()
        .AddKeptInMemory<ScopeRegistry>().AddSingleton<ScopeRows>().AddSingleton<ClientScopes>().AddSingleton<RegisteredScopes>()
        .AddSingleton<RegistrationRules>().AddSingleton<ClientSecrets>().AddSingleton<ClientAssertions>()
        .AddSingleton<FirstPartyClient>();

    private static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddKeptInMemory<RevocationIndex>().AddSingleton<SessionEnds>().AddSingleton<UserSessions>()
        .AddSingleton<EverySession>().AddSingleton<SessionsOfClient>()
        .AddSingleton<OpenSessions>().AddSingleton<SessionList>().AddSingleton<BlastRadii>()
        .AddSingleton<AuthorizationRequests>().AddSingleton<AuthorizationCodes>()
        .AddSingleton<UserCodeHashes>().AddSingleton<UserCodeGuesses>().AddSingleton<DeviceCodes>().AddSingleton<DeviceDecisions>()
        .AddSingleton<DevicePolls>()
        .AddSingleton<IPollPace>(p => p.GetRequiredService<DatabaseProvider>().IsShared
            ? new SharedPace(p.GetRequiredService<Database>(), p.GetRequiredService<TimeProvider>())
            : new RememberedPace(p.GetRequiredService<TimeProvider>()))
        .AddSingleton<RefreshTokens>().AddSingleton<TokenRevocation>().AddSingleton<PendingGrants>()
        .AddSingleton<AnyTokenRevocation>();

    private static IServiceCollection AddTokens(this IServiceCollection services) => services
        .AddSingleton(p => p.GetRequiredService<TokenServerOptions>().Lifetimes)
        .AddSingleton<AccessTokens>().AddSingleton<IdTokenHints>().AddSingleton<OpaqueAccessTokens>().AddSingleton<TokenLookup>()
        .AddSingleton<TokenExchange>().AddSingleton<DpopNonces>().AddSingleton<DpopProofs>()
        .AddSingleton<IUsedProofs>(p => p.GetRequiredService<DatabaseProvider>().IsShared
            ? new StoredProofs(p.GetRequiredService<UsedIds>())
            : ActivatorUtilities.CreateInstance<RememberedProofs>(p, RememberedProofs.Most, LastRun.MachineNow))
        .AddSingleton<AccessTokenKind>()
        .AddSingleton<ITokenKind>(p => p.GetRequiredService<AccessTokenKind>()).AddSingleton<ITokenKind, RefreshTokenKind>()
        .AddSingleton<ITokenKind, ApiKeyKind>()
        .AddSingleton<ITokenKind, TunnelTokenKind>().AddSingleton<ITokenKind>(p => p.GetRequiredService<PinTokens>());

    private static IServiceCollection AddKeys(this IServiceCollection services) => services
        .AddSingleton(p => p.GetRequiredService<TokenServerOptions>().Keys).AddKeptInMemory<KeyRing>();

    private static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSettings<AuditOptions>("Audit")
        .AddSingleton<AuditSeal>().AddSingleton<AuditVerification>().AddSingleton<AuditKeeping>().AddSingleton<AuditLog>()
        .AddSingleton<BoundedRefusals>();

    private static IServiceCollection AddRateLimits(this IServiceCollection services) =>
        services.AddSettings<RateLimitsOptions>("RateLimits").AddSingleton<RateWindows>();

    private static IServiceCollection AddTransfers(this IServiceCollection services) => services.AddSingleton<Transfer>();

    private static IServiceCollection AddKeptInMemory<T>(this IServiceCollection services) where T : class, IKeptInMemory =>
        services.AddSingleton<T>().AddSingleton<IKeptInMemory>(p => p.GetRequiredService<T>());
}

using InstallLifecycle.Activations;
using InstallLifecycle.Codes;
using InstallLifecycle.Codes.Page;
using InstallLifecycle.Expiry;
using InstallLifecycle.Health;
using InstallLifecycle.HostKeys;
using InstallLifecycle.Listing;
using InstallLifecycle.Precheck;
using InstallLifecycle.Receipts;
using InstallLifecycle.Servers;
using InstallLifecycle.Tokens;
using InstallLifecycle.Watching;
using Microsoft.AspNetCore.Mvc;
using Quartz;

namespace InstallLifecycle;

/// <summary>The install lifecycle (contract section 5), for any host: its services and its routes. The host registers the ports
/// <see cref="IInstallStorage"/>, <see cref="IInstallAdministrators"/>, <see cref="IInstallClients"/>, <see cref="IInstallAddress"/>
/// and <see cref="IInstallReceipts"/>,
/// an <see cref="InstallLifecycleOptions"/>, a <see cref="TimeProvider"/>,
/// Data Protection, and starts Quartz's scheduler.</summary>
public static class InstallLifecycleModule
{
    /// <summary>The parts of the address space that are the lifecycle's, each with errors of a shape of its own.</summary>
    public static readonly IReadOnlyList<PathString> Prefixes = ["/api/v2", "/slowdns", "/register", "/checkin", "/revoke", "/status"];

    /// <summary>Adds the services of the lifecycle.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddInstallLifecycle(this IServiceCollection services)
    {
        services.AddSingleton<InstallKeys>().AddSingleton<InstallTokens>().AddSingleton<InstallTokenLookup>()
            .AddSingleton<InstallTokenStories>().AddSingleton<Refusals>();
        services.AddSingleton<BrowserSession>().AddSingleton<IssueLimits>().AddSingleton<InstallCodes>()
            .AddSingleton<CodeRequest>().AddSingleton<CodeRevocation>().AddPage();
        services.AddSingleton<Prechecks>();
        services.AddSingleton<HostKeyProofs>().AddSingleton<ActivationTokens>().AddSingleton<InstallReceipts>()
            .AddSingleton<ActivationLimits>()
            .AddSingleton<InstallActivations>().AddSingleton<Completion>();
        services.AddSingleton<InstallServers>().AddSingleton<Registrations>().AddSingleton<CheckIns>().AddSingleton<ServerEndpoints>();
        services.AddSingleton<InstallList>().AddSingleton(parts => new Lifecycle(parts));
        services.AddSingleton<InstallNews>().AddSingleton<Steps>().AddSingleton<Watchers>()
            .AddSingleton<EventStream>().AddSingleton<EventsEndpoint>();
        services.AddSingleton<InstallExpiry>();
        return services.AddQuartz(quartz => quartz.ScheduleJob<ExpiryJob>(trigger => trigger.WithIdentity("install expiry")
            .StartAt(TimeProvider.System.GetUtcNow().AddMinutes(1))
            .WithSimpleSchedule(every => every.WithInterval(TimeSpan.FromMinutes(1)).RepeatForever()), job => job.RequestRecovery()));
    }

    /// <summary>Maps the routes of the lifecycle.</summary>
    /// <param name="routes">The host's routes.</param>
    public static IEndpointRouteBuilder MapInstallLifecycle(this IEndpointRouteBuilder routes)
    {
        var limited = routes.MapGroup("").WithMetadata(new RequestSizeLimitAttribute(RequestBody.Largest));
        PageEndpoints.Map(limited);
        HealthEndpoint.Map(limited);
        ServerEndpoints.Map(limited);
        var group = limited.MapGroup("/api/v2/slowdns");
        IssueCodeEndpoint.Map(group);
        EventsEndpoint.Map(group);
        PrecheckEndpoint.Map(group);
        ActivationEndpoints.Map(group);
        ReceiptEndpoints.Map(limited);
        return routes;
    }

    /// <summary>Writes an error that no endpoint wrote (an unknown route, a wrong method, a failure),
    /// in the shape of the address it happened at.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status; 403 stands for HTTPS that is required.</param>
    public static Task WriteErrorAsync(HttpContext context, int status)
    {
        var error = InstallError.OfStatus(status);
        return context.Request.Path.StartsWithSegments("/api/v2") ? Envelope.WriteAsync(context, error)
            : context.Request.Path.StartsWithSegments(PageEndpoints.Path)
                ? PageEndpoints.WriteErrorAsync(context, error) : ServerError.WriteAsync(context, error);
    }
}

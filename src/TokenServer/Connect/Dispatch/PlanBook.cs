using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlerFilters;

namespace TokenServer.Connect.Dispatch;

/// <summary>The plans of one set of options: for each event of each endpoint the handlers that it has, in their order.</summary>
internal sealed class PlanBook(OpenIddictServerOptions? options, IServiceProvider services)
{
    // What hangs on the options, the endpoint or the host alone is the same for every event of a plan, so it is asked when the plan is
    // made.
    private static readonly HashSet<Type> Settled =
    [
        typeof(RequireDegradedModeDisabled), typeof(RequireTokenStorageEnabled), typeof(RequireAuthorizationStorageEnabled),
        typeof(RequireEndpointPermissionsEnabled), typeof(RequireGrantTypePermissionsEnabled), typeof(RequireScopePermissionsEnabled),
        typeof(RequireAudiencePermissionsEnabled), typeof(RequireResourcePermissionsEnabled), typeof(RequireResponseTypePermissionsEnabled),
        typeof(RequireScopeValidationEnabled), typeof(RequireAudienceValidationEnabled), typeof(RequireResourceValidationEnabled),
        typeof(RequireSlidingRefreshTokenExpirationEnabled),
        typeof(RequireReferenceAccessTokensEnabled), typeof(RequireReferenceRefreshTokensEnabled),
        typeof(RequireAuthorizationRequest), typeof(RequireConfigurationRequest), typeof(RequireDeviceAuthorizationRequest),
        typeof(RequireEndSessionRequest), typeof(RequireEndUserVerificationRequest), typeof(RequireIntrospectionRequest),
        typeof(RequireJsonWebKeySetRequest), typeof(RequirePushedAuthorizationRequest), typeof(RequireRevocationRequest),
        typeof(RequireTokenRequest), typeof(RequireUserInfoRequest),
        typeof(OpenIddictServerAspNetCoreHandlerFilters.RequireHttpRequest),
        typeof(OpenIddictServerAspNetCoreHandlerFilters.RequireTransportSecurityRequirementEnabled),
    ];
    private static int kinds = -1;
    private readonly Lock making = new();
    private volatile object?[] plans = [];

    public OpenIddictServerOptions? Options => options;

    /// <summary>The steps of <paramref name="context"/>'s kind at its endpoint.</summary>
    public Step<TContext>[] PlanOf<TContext>(TContext context) where TContext : BaseContext
    {
        int place = Kind<TContext>.Number * Endpoints + (int)context.EndpointType;
        var known = plans;
        return place < known.Length && known[place] is Step<TContext>[] plan ? plan : Make(context, place);
    }

    private const int Endpoints = 16;

    private Step<TContext>[] Make<TContext>(TContext context, int place) where TContext : BaseContext
    {
        Step<TContext>[] plan =
            [.. options!.Handlers.Where(d => d.ContextType == typeof(TContext)).Select(d => Plan(context, d)).OfType<Step<TContext>>()];
        lock (making)
        {
            object?[] more = plans;
            Array.Resize(ref more, Math.Max(more.Length, place + 1));
            more[place] = plan;
            plans = more;
        }
        return plan;
    }

    // Null where a settled filter leaves the handler out.
    private Step<TContext>? Plan<TContext>(TContext context, OpenIddictServerHandlerDescriptor descriptor) where TContext : BaseContext
    {
        var open = new List<IOpenIddictServerHandlerFilter<TContext>>();
        foreach (var type in descriptor.FilterTypes)
        {
            var filter = (IOpenIddictServerHandlerFilter<TContext>)services.GetRequiredService(type);
            if (!Settled.Contains(type)) open.Add(filter);
            else if (!filter.IsActiveAsync(context).AsTask().GetAwaiter().GetResult()) return null;
        }
        var service = descriptor.ServiceDescriptor;
        object handler = service.ImplementationInstance ?? services.GetRequiredService(service.ServiceType);
        return new((IOpenIddictServerHandler<TContext>)handler, [.. open]);
    }

    private static class Kind<TContext>
    {
        public static readonly int Number = Interlocked.Increment(ref kinds);
    }
}

/// <summary>A handler and the filters that each event has to pass.</summary>
internal sealed class Step<TContext>(IOpenIddictServerHandler<TContext> handler, IOpenIddictServerHandlerFilter<TContext>[] filters)
    where TContext : BaseContext
{
    public IOpenIddictServerHandler<TContext> Handler => handler;

    public ValueTask<bool> IsActiveAsync(TContext context) => filters.Length == 0 ? new(true) : AskAsync(context);

    private async ValueTask<bool> AskAsync(TContext context)
    {
        foreach (var filter in filters)
            if (!await filter.IsActiveAsync(context)) return false;
        return true;
    }
}

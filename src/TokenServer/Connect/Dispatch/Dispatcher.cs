using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Dispatch;

/// <summary>
/// Dispatches OpenIddict's events in place of its own dispatcher, which asks every handler and filter of every event for each request:
/// here each kind of event has a plan, made once (docs/decisions/0022).
/// </summary>
internal sealed class Dispatcher(IServiceProvider services) : IOpenIddictServerDispatcher
{
    private volatile PlanBook book = new(null, services);

    public async ValueTask DispatchAsync<TContext>(TContext context) where TContext : BaseContext
    {
        var plan = Book(context.Transaction.Options).PlanOf(context);
        foreach (var step in plan)
        {
            if (!await step.IsActiveAsync(context)) continue;
            await step.Handler.HandleAsync(context);
            if (context is BaseRequestContext { IsRequestHandled: true } or BaseRequestContext { IsRequestSkipped: true }
                or BaseValidatingContext { IsRejected: true }) return;
        }
    }

    // A rotated key makes new options, and with them a new list of handlers.
    private PlanBook Book(OpenIddictServerOptions options)
    {
        var known = book;
        return known.Options == options ? known : book = new PlanBook(options, services);
    }
}

using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Requests;

/// <summary>
/// Extract…Request of what is published, in place of OpenIddict's, which knows GET alone: HEAD asks the same (contract section 0), and
/// neither has a parameter.
/// </summary>
internal sealed class ReadNothing<TContext> : IOpenIddictServerHandler<TContext> where TContext : BaseValidatingContext
{
    public ValueTask HandleAsync(TContext context)
    {
        context.Transaction.Request = new OpenIddictRequest();
        return default;
    }
}

using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Requests;

/// <summary>
/// Extract…Request, in place of OpenIddict's extraction: the form alone, never the address, read strictly (contract section 1).
/// </summary>
internal sealed class ReadForm<TContext> : IOpenIddictServerHandler<TContext> where TContext : BaseValidatingContext
{
    public async ValueTask HandleAsync(TContext context)
    {
        var (request, unreadable) = await Form.ReadAsync(ConnectRequest.Of(context).Http.Request);
        if (request is null) context.Refuse(unreadable!);
        else context.Transaction.Request = request;
    }
}

using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Requests;

/// <summary>
/// Extract…Request, in place of OpenIddict's: client_secret_basic (RFC 6749 section 2.3.1), where a header that cannot be read is a
/// client that did not authenticate, and one that says other than the form is an invalid request. Another scheme is not a client's
/// (contract section 1).
/// </summary>
internal sealed class ReadBasic<TContext> : IOpenIddictServerHandler<TContext> where TContext : BaseValidatingContext
{
    public ValueTask HandleAsync(TContext context)
    {
        var state = ConnectRequest.Of(context);
        var (count, header) = BasicHeader.Find(state.Http.Request.Headers.Authorization);
        if (count == 0) return default;
        state.UsedBasic = true;
        var request = context.Transaction.Request!;
        if (count > 1 || BasicHeader.Read(header!) is not var (id, secret)) context.Reject("invalid_client");
        else if (request.ClientSecret is not null)
            context.Refuse(OAuthError.InvalidRequest("the client authenticates in two ways at once"));
        else if (request.ClientId is { } named && named != id)
            context.Refuse(OAuthError.InvalidRequest("client_id differs from the one in the Authorization header"));
        else (request.ClientId, request.ClientSecret) = (id, secret);
        return default;
    }
}

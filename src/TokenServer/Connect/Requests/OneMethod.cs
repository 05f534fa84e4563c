using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Requests;

/// <summary>
/// Extract…Request, after the form and the header were read: a client authenticates in one way (RFC 6749 section 2.3), and an assertion
/// says what it is (RFC 7521 section 4.2).
/// </summary>
internal sealed class OneMethod<TContext> : IOpenIddictServerHandler<TContext> where TContext : BaseValidatingContext
{
    public ValueTask HandleAsync(TContext context)
    {
        var request = context.Transaction.Request!;
        if (request.ClientAssertion is null && request.ClientAssertionType is null) return default;
        if (request.ClientAssertion is null || request.ClientAssertionType is null)
            context.Refuse(OAuthError.InvalidRequest("client_assertion and client_assertion_type go together"));
        else if (request.ClientSecret is not null || ConnectRequest.Of(context).UsedBasic)
            context.Refuse(OAuthError.InvalidRequest("the client authenticates in two ways at once"));
        else if (request.ClientAssertionType != ClientAssertionTypes.JwtBearer) context.Reject(Errors.InvalidClient);
        return default;
    }
}

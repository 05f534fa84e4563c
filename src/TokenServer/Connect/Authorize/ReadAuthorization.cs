using OpenIddict.Server;
using TokenServer.Connect.Requests;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authorize;

/// <summary>
/// ExtractAuthorizationRequest, in place of OpenIddict's: the query of a GET, the form of a POST, each alone and read strictly. A parameter
/// that appears twice is an error that the client is told of, so it is noted here (contract section 9).
/// </summary>
internal sealed class ReadAuthorization : IOpenIddictServerHandler<ExtractAuthorizationRequestContext>
{
    private const string Key = "tokenserver.repeated";

    public async ValueTask HandleAsync(ExtractAuthorizationRequestContext context)
    {
        var http = ConnectRequest.Of(context).Http.Request;
        var repeated = new List<string>();
        var (request, unreadable) = HttpMethods.IsPost(http.Method) ? await Form.ReadAsync(http, repeated) : Form.ReadQuery(http, repeated);
        if (request is null)
        {
            context.Refuse(unreadable!);
            return;
        }
        context.Transaction.Request = request;
        if (repeated.Count > 0) context.Transaction.Properties[Key] = repeated;
    }

    /// <summary>The parameters that appear more than once.</summary>
    public static IReadOnlyList<string> Repeated(OpenIddictServerTransaction transaction) =>
        transaction.Properties.TryGetValue(Key, out object? names) ? (List<string>)names! : [];
}

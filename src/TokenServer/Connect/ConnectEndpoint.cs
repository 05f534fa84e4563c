using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using TokenServer.Clients;
using TokenServer.Foundation;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect;

/// <summary>
/// Hands a routed request to OpenIddict. Routing has found the endpoint and refused what is no method of it, so OpenIddict need not
/// compare addresses; else this is what its authentication handler does (docs/decisions/0022).
/// </summary>
internal sealed class ConnectEndpoint(
    IOpenIddictServerFactory factory, IOpenIddictServerDispatcher dispatcher, ClientRegistry clients, Issuer issuer)
{
    private volatile Base? last;

    public static void Map(IEndpointRouteBuilder routes, OpenIddictServerEndpointType type, string path, params string[] methods)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<ConnectEndpoint>();
        routes.MapMethods("/" + path, methods, (RequestDelegate)(async context => await endpoint.HandleAsync(context, type)));
    }

    /// <summary>Has OpenIddict answer <paramref name="http"/>; the transaction tells what was answered.</summary>
    public async Task<OpenIddictServerTransaction> HandleAsync(HttpContext http, OpenIddictServerEndpointType type)
    {
        var request = new ConnectRequest(http, issuer.Of(http.Request));
        // Without a setting the issuer is what the request calls this server.
        var address = AddressOf(request.Issuer) ?? throw new BadHttpRequestException("the Host header is no host's name");
        var transaction = await factory.CreateTransactionAsync();
        request.AttachTo(transaction);
        transaction.Properties[typeof(HttpRequest).FullName!] = new WeakReference<HttpRequest>(http.Request);
        http.Features.Set(new OpenIddictServerAspNetCoreFeature { Transaction = transaction });
        (transaction.EndpointType, transaction.BaseUri) = (type, address);
        transaction.CancellationToken = http.RequestAborted;
        var context = new ProcessRequestContext(transaction);
        try
        {
            await dispatcher.DispatchAsync(context);
        }
        // OpenIddict looks for the client more than once, and does not expect that it is deleted in between.
        catch (InvalidOperationException) when (IsGone(transaction) && !http.Response.HasStarted)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidClient);
        }
        if (context.IsRejected) await RefuseAsync(transaction, context);
        return transaction;
    }

    private bool IsGone(OpenIddictServerTransaction transaction) => transaction.Request?.ClientId is { } id && clients.Find(id) is null;

    private ValueTask RefuseAsync(OpenIddictServerTransaction transaction, ProcessRequestContext context) =>
        dispatcher.DispatchAsync(new ProcessErrorContext(transaction)
        {
            Error = context.Error ?? OpenIddictConstants.Errors.InvalidRequest,
            ErrorDescription = context.ErrorDescription,
            Response = new OpenIddictResponse(),
        });

    // Below it lie the addresses of the endpoints.
    private Uri? AddressOf(string text)
    {
        if (last is { } known && known.Issuer == text) return known.Address;
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var made)) return null;
        last = new Base(text, made);
        return made;
    }

    private sealed record Base(string Issuer, Uri Address);
}

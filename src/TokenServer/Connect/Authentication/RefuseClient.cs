using OpenIddict.Server;
using TokenServer.Clients;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ProcessError: a client that did not prove who it is, whatever the reason, is refused as <see cref="ClientFailures"/> has it.
/// </summary>
internal sealed class RefuseClient(ClientRegistry clients, ClientFailures failures) : IOpenIddictServerHandler<ProcessErrorContext>
{
    public async ValueTask HandleAsync(ProcessErrorContext context)
    {
        if (context.Error != "invalid_client") return;
        var (state, request) = (ConnectRequest.Of(context), context.Request);
        var client = request?.ClientId is { } id ? clients.Find(id) : null;
        state.Refusal = await failures.NoteAsync(state.Http, client,
            ClientFailures.ReasonOf(client, request?.ClientId, request?.ClientSecret, request?.ClientAssertion), state.UsedBasic);
    }
}

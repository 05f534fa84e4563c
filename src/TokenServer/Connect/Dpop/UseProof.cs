using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Sessions.Devices;
using TokenServer.SignIns;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Dpop;

/// <summary>
/// HandleTokenRequest, before any grant: the proof is used up, once on all replicas (RFC 9449 section 11.1). That is a write, and
/// anybody can make proofs and name a public client: where nothing can come of the request nothing is written.
/// </summary>
internal sealed class UseProof(KeyProofs proofs, RefreshTokens tokens, DevicePolls devices)
    : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        if (request.Proof is not { } proof || request.Client!.IsPublic && IsHopeless(context, request.Client)) return;
        if (await proofs.UseAsync(request.Http, proof) is { } result && DpopAnswers.ErrorOf(result) is { } error) context.Refuse(error);
    }

    // A code was found before, passwords have a limit of their own, an install token is bound to no key, and the other grants are for
    // clients that have proved who they are.
    private bool IsHopeless(HandleTokenRequestContext context, Client client) => context.Request.GrantType switch
    {
        KnownGrants.RefreshToken => !tokens.Knows(context.Request.RefreshToken!, client),
        KnownGrants.DeviceCode => !devices.Knows(context.Request.DeviceCode!, client),
        KnownGrants.InstallPrecheck => true,
        _ => false,
    };
}

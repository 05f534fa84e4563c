using OpenIddict.Server;
using TokenServer.Sessions;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Revocation;

/// <summary>
/// HandleRevocationRequest, in place of OpenIddict's: a refresh token or a session's access token ends the session, a client's own
/// token dies alone; what is none of the client's changes nothing (RFC 7009, contract section 1).
/// </summary>
internal sealed class EndToken(TokenRevocation revocation) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        await revocation.RevokeAsync(context.Request.Token!, request.Client!, request.Address);
    }
}

using TokenServer.Foundation;
using TokenServer.Sessions;

namespace TokenServer.Connect.Revocation;

/// <summary>POST /connect/revoke (RFC 7009): a refresh token or a session's access token ends the session, a client's own token dies alone.</summary>
internal sealed class RevocationEndpoint(ClientAuthentication authentication, TokenRevocation revocation)
{
    public const string Path = "/connect/revoke";

    // RFC 7009 has clients ignore the body; some (simple-oauth2) take nothing but JSON, which is what OpenIddict answers too.
    private static readonly byte[] Empty = [.. "{}"u8];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<RevocationEndpoint>();
        routes.MapPost(Path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var (form, unreadable) = await Form.ReadAsync(context.Request);
        var (client, error) = form is null ? (null, unreadable) : await authentication.AuthenticateAsync(context, form);
        if (client is not null && form!["token"] is null) error = OAuthError.InvalidRequest("token is missing");
        if (error is not null)
        {
            await error.ExecuteAsync(context);
            return;
        }
        await revocation.RevokeAsync(form!["token"]!, client!, RateLimits.ClientAddress.Of(context));
        await Json.WriteAsync(context, StatusCodes.Status200OK, Empty, "no-store");
    }
}

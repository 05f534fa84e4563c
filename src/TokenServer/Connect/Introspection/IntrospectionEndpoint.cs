using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens;

namespace TokenServer.Connect.Introspection;

/// <summary>POST /connect/introspect (RFC 7662): whether a token is good now, told to clients that may know it.</summary>
internal sealed class IntrospectionEndpoint(ClientAuthentication authentication, TokenLookup tokens, UserNames userNames, Issuer issuer, Instruments instruments)
{
    public const string Path = "/connect/introspect";
    private static readonly byte[] Inactive = [.. """{"active":false}"""u8];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<IntrospectionEndpoint>();
        routes.MapPost(Path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var (form, unreadable) = await Form.ReadAsync(context.Request);
        var (client, unauthenticated) = form is null ? (null, unreadable) : await authentication.AuthenticateAsync(context, form);
        var error = client switch
        {
            null => unauthenticated,
            { IsPublic: true } => OAuthError.InvalidClient(viaBasic: context.Request.Headers.Authorization.Count > 0),
            { MayIntrospect: false } => OAuthError.UnauthorizedClient("the client may not introspect"),
            _ => form!["token"] is null ? OAuthError.InvalidRequest("token is missing") : null,
        };
        if (error is not null)
        {
            await error.ExecuteAsync(context);
            return;
        }
        var (token, userName) = await tokens.FindAsync(form!["token"]!, userNames.Of);
        bool active = token is not null && MayKnow(client!, token);
        instruments.Introspected(active);
        if (active) await TellAsync(context, token!, userName);
        else await Json.WriteAsync(context, StatusCodes.Status200OK, Inactive, "no-store");
    }

    private static bool MayKnow(Client client, KnownToken token)
    {
        if (token.Client?.Id == client.Id) return true;
        foreach (string audience in token.Audiences)
            if (client.Audiences.Contains(audience)) return true;
        return false;
    }

    private Task TellAsync(HttpContext context, KnownToken token, string? userName) =>
        Json.WriteAsync(context, StatusCodes.Status200OK, (token, userName, issuer: token.Issuer ?? issuer.Of(context.Request)), static (json, answer) =>
        {
            var (token, userName, issuer) = answer;
            json.WriteStartObject();
            json.WriteBoolean("active"u8, true);
            json.WriteString("iss"u8, issuer);
            json.WriteString("sub"u8, token.Subject);
            AccessTokenJson.WriteAudience(json, token.Audiences);
            if (token.Client is { } owner) json.WriteString("client_id"u8, owner.ClientId);
            if (token.ExpiresAt is { } end) json.WriteNumber("exp"u8, end);
            json.WriteNumber("iat"u8, token.IssuedAt);
            json.WriteString("jti"u8, token.Id is { } id ? TimeOrderedId.ToText(id) : token.JwtId);
            if (token.Scope is { } scope) json.WriteString("scope"u8, scope);
            if (token.Use == TokenUse.Access) json.WriteString("token_type"u8, "Bearer"u8);
            json.WriteString("token_use"u8, token.Use);
            if (userName is not null) json.WriteString("username"u8, userName);
            if (token.SessionId is { } session) json.WriteString("sid"u8, TimeOrderedId.ToText(session));
            if (token.AuthTime is { } time) json.WriteNumber("auth_time"u8, time);
            if (token.Role is { } role) json.WriteString("role"u8, role);
            json.WriteEndObject();
        });
}

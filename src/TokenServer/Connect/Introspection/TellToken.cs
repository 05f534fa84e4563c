using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Dpop;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Introspection;

/// <summary>
/// HandleIntrospectionRequest, in place of OpenIddict's principal: what the core knows of any string (<see cref="TokenLookup"/>), told
/// to a client that may know it (RFC 7662 section 2.2, contract section 1, the table of introspection).
/// </summary>
internal sealed class TellToken(TokenLookup tokens, UserNames userNames, Instruments instruments)
    : IOpenIddictServerHandler<HandleIntrospectionRequestContext>
{
    public async ValueTask HandleAsync(HandleIntrospectionRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        var (token, userName) = await tokens.FindAsync(context.Request.Token!, userNames.Of);
        bool active = token is not null && request.Client!.MayKnow(isOwn: token.Client?.Id == request.Client.Id, token.Audiences);
        instruments.Introspected(active);
        if (active)
        {
            Tell(context, token!, userName, request.Issuer);
            request.Told = (token!, userName);
        }
        // OpenIddict answers that with {"active":false}.
        else context.Reject(OpenIddictConstants.Errors.InvalidToken);
    }

    private static void Tell(HandleIntrospectionRequestContext context, KnownToken token, string? userName, string issuer)
    {
        (context.Subject, context.ClientId, context.Username) = (token.Subject, token.Client?.ClientId, userName);
        context.TokenId = token.Id is { } id ? TimeOrderedId.ToText(id) : token.JwtId;
        context.TokenType = token.Use != TokenUse.Access ? null
            : token.KeyThumbprint is null ? OpenIddictConstants.TokenTypes.Bearer : DpopAnswers.TokenType;
        var claims = context.Claims;
        claims["iss"] = token.Issuer ?? issuer;
        claims["aud"] = token.Audiences is [var one] ? (OpenIddictParameter)one : ImmutableArray.Create<string?>(token.Audiences);
        claims["iat"] = token.IssuedAt;
        claims["token_use"] = token.Use;
        if (token.ExpiresAt is { } end) claims["exp"] = end;
        if (token.Scope is { } scope) claims["scope"] = scope;
        if (token.SessionId is { } session) claims["sid"] = TimeOrderedId.ToText(session);
        if (token.AuthTime is { } time) claims["auth_time"] = time;
        if (token.Role is { } role) claims["role"] = role;
        if (token.KeyThumbprint is { } key) claims["cnf"] = new JsonObject { ["jkt"] = key };
        if (token.Actor is { } actor) claims["act"] = JsonSerializer.Deserialize<JsonElement>(actor);
    }
}

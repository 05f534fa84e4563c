using System.Text.Json;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Foundation;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect;

/// <summary>
/// Apply…Response, in place of OpenIddict's last handlers: status, headers and body as contract section 1 has them
/// (<c>charset=utf-8</c>, 429 and 503 with <c>Retry-After</c>, no <c>error_uri</c>, one text for a client that is not authenticated).
/// </summary>
internal sealed class Answer<TContext> : IOpenIddictServerHandler<TContext> where TContext : BaseRequestContext
{
    public async ValueTask HandleAsync(TContext context)
    {
        var request = ConnectRequest.Of(context);
        var response = context.Transaction.Response!;
        if (response.Error is not null)
        {
            request.Refusal ??= Refusals.Of(response, context.EndpointType);
            await request.Refusal.ExecuteAsync(request.Http);
        }
        else await Answers.WriteAsync(request.Http, response, context.EndpointType);
        context.HandleRequest();
    }
}

/// <summary>Answers that are no errors.</summary>
internal static class Answers
{
    private const string ForAnHour = "public, max-age=3600", ForAQuarter = "public, max-age=900", Never = "no-store";

    public static Task WriteAsync(HttpContext http, OpenIddictResponse response, OpenIddictServerEndpointType endpoint)
    {
        if (endpoint == OpenIddictServerEndpointType.Token) http.Response.Headers.Pragma = "no-cache";
        int status = endpoint == OpenIddictServerEndpointType.PushedAuthorization ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        return Json.WriteAsync(http, status, response, Write, cacheControl: CacheControl(endpoint));
    }

    public static void Write(Utf8JsonWriter json, OpenIddictResponse response) => response.WriteTo(json);

    private static string CacheControl(OpenIddictServerEndpointType endpoint) => endpoint switch
    {
        OpenIddictServerEndpointType.Configuration => ForAnHour,
        OpenIddictServerEndpointType.JsonWebKeySet => ForAQuarter,
        _ => Never,
    };
}

/// <summary>OpenIddict's errors in the contract's words and statuses.</summary>
internal static class Refusals
{
    public static OAuthError Of(OpenIddictResponse response, OpenIddictServerEndpointType endpoint)
    {
        string code = response.Error!, text = response.ErrorDescription ?? "the request is refused";
        if (endpoint == OpenIddictServerEndpointType.UserInfo) return OfUserInfo(code, text);
        // OpenIddict says that a required token is missing where it is one of the request's parameters.
        return new(code == Errors.MissingToken ? Errors.InvalidRequest : code, text);
    }

    private static OAuthError OfUserInfo(string code, string text) => code switch
    {
        Errors.MissingToken => OAuthError.Bearer(
            Errors.InvalidToken, "an access token is required", StatusCodes.Status401Unauthorized, challengeNamesCode: false),
        Errors.InvalidToken =>
            OAuthError.Bearer(code, "the access token is invalid, expired or revoked", StatusCodes.Status401Unauthorized),
        _ => OAuthError.Bearer(code, text, StatusCodes.Status400BadRequest),
    };
}

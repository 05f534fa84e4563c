using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Connect.UserInfo;

/// <summary>GET and POST /connect/userinfo (OpenID Connect Core section 5.3): what the token's scopes say of the account.</summary>
internal sealed class UserInfoEndpoint(TokenLookup tokens, UserAccounts accounts)
{
    public const string Path = "/connect/userinfo";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<UserInfoEndpoint>();
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Post], (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var (value, error) = await ReadTokenAsync(context.Request);
        var (token, account) = value is null ? default : await tokens.FindAsync(value, accounts.Of);
        if (token is { Use: not TokenUse.Access }) token = null;
        error ??= token is null ? OAuthError.Bearer("invalid_token", "the access token is invalid, expired or revoked", StatusCodes.Status401Unauthorized)
            : account is null || !ScopeSet.Parse(token.Scope).Contains(ScopeSet.OpenId) ? OAuthError.Bearer("insufficient_scope", "the scope openid of a user is required", StatusCodes.Status403Forbidden)
            : null;
        await (error is null ? TellAsync(context, account!, ScopeSet.Parse(token!.Scope)) : error.ExecuteAsync(context));
    }

    // RFC 6750 section 2: in the header or in a form, one of them; never in the address.
    private static async ValueTask<(string? Token, OAuthError? Error)> ReadTokenAsync(HttpRequest request)
    {
        string? token = BearerToken.Of(request);
        if (HttpMethods.IsPost(request.Method) && request.ContentType is not null)
        {
            var (form, unreadable) = await Form.ReadAsync(request);
            if (form is null) return (null, unreadable);
            if (token is not null && form["access_token"] is not null) return (null, OAuthError.Bearer("invalid_request", "the access token is shown in two ways", StatusCodes.Status400BadRequest));
            token ??= form["access_token"];
        }
        return token is null ? (null, OAuthError.Bearer("invalid_token", "an access token is required", StatusCodes.Status401Unauthorized, challengeNamesCode: false)) : (token, null);
    }

    private static Task TellAsync(HttpContext context, AccountSnapshot account, ScopeSet scopes) =>
        Json.WriteAsync(context, StatusCodes.Status200OK, (account, scopes), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteString("sub"u8, answer.account.Subject);
            if (answer.scopes.Contains(ScopeSet.Profile))
            {
                if (answer.account.Name is { } name) json.WriteString("name"u8, name);
                json.WriteString("preferred_username"u8, answer.account.UserName);
                json.WriteString("role"u8, answer.account.Role);
            }
            if (answer.scopes.Contains(ScopeSet.Email) && answer.account.Email is { } email)
            {
                json.WriteString("email"u8, email);
                json.WriteBoolean("email_verified"u8, answer.account.EmailConfirmed);
            }
            json.WriteEndObject();
        });
}

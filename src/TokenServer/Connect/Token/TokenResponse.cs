using System.Text.Json;
using TokenServer.Foundation;

namespace TokenServer.Connect.Token;

/// <summary>The successful answer (RFC 6749 section 5.1; <c>id_token</c> of OpenID Connect Core section 3.1.3.3).</summary>
/// <param name="AccessToken">The access token.</param>
/// <param name="ExpiresIn">Its lifetime in seconds.</param>
/// <param name="Scope">Its scopes, always told; null for a token that has none.</param>
/// <param name="RefreshToken">The refresh token, if there is one.</param>
/// <param name="IdToken">The id token, if there is one.</param>
internal sealed record TokenResponse(string AccessToken, long ExpiresIn, string? Scope, string? RefreshToken, string? IdToken)
{
    /// <summary>Writes the members that only this grant's answer has.</summary>
    public Action<Utf8JsonWriter>? WriteMore { get; init; }

    public Task WriteAsync(HttpContext context)
    {
        context.Response.Headers.Pragma = "no-cache";
        return Json.WriteAsync(context, StatusCodes.Status200OK, this, static (json, response) =>
        {
            json.WriteStartObject();
            json.WriteString("access_token"u8, response.AccessToken);
            json.WriteString("token_type"u8, "Bearer"u8);
            json.WriteNumber("expires_in"u8, response.ExpiresIn);
            if (response.Scope is { } scope) json.WriteString("scope"u8, scope);
            if (response.RefreshToken is { } refresh) json.WriteString("refresh_token"u8, refresh);
            if (response.IdToken is { } identity) json.WriteString("id_token"u8, identity);
            response.WriteMore?.Invoke(json);
            json.WriteEndObject();
        });
    }
}

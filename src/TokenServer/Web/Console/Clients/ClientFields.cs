using TokenServer.Clients;
using TokenServer.Web.Console.Shared;

namespace TokenServer.Web.Console.Clients;

/// <summary>The fields of a registration in a form.</summary>
internal static class ClientFields
{
    private const int LongestName = 200, LongestList = ClientRegistration.LongestList;

    /// <summary>The grant types that this server has, and what people call them.</summary>
    public static readonly IReadOnlyList<(string Type, string Name)> GrantTypes =
    [
        (KnownGrants.Password, "Password"), (KnownGrants.RefreshToken, "Refresh token"),
        (KnownGrants.ClientCredentials, "Client credentials"), (KnownGrants.SecondFactor, "Second factor"),
        (KnownGrants.InstallPrecheck, "Install precheck"),
    ];

    /// <summary>What a form says, and what of it cannot be read. Client id and secret are none of it.</summary>
    public static (ClientRegistration Registration, string? Problem) Read(HttpRequest request)
    {
        var form = new FieldReader(request);
        var registration = new ClientRegistration
        {
            ClientName = form.Text("client_name", LongestName), GrantTypes = form.Ticked("grant_types"),
            Scope = string.Join(' ', form.Words("scope", LongestList)), RedirectUris = form.Words("redirect_uris", LongestList),
            Audiences = form.Words("audiences", LongestList), TokenEndpointAuthMethod = form.Text("token_endpoint_auth_method", 100),
            AccessTokenFormat = form.Text("access_token_format", 100),
            IdTokenSignedResponseAlg = form.Text("id_token_signed_response_alg", 100),
            Introspection = form.Ticked("introspection").Length > 0,
        };
        string? problem = form.Problem;
        if (form.Text("access_token_lifetime", 20) is { } text)
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
                registration.AccessTokenLifetime = seconds;
            else problem ??= "access_token_lifetime must be a number of seconds";
        }
        return (registration, problem);
    }
}

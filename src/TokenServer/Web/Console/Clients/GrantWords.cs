using TokenServer.Clients;

namespace TokenServer.Web.Console.Clients;

/// <summary>What people call the grant types that this server has.</summary>
internal static class GrantWords
{
    public static readonly IReadOnlyList<(string Type, string Name)> All =
    [
        (KnownGrants.AuthorizationCode, "Authorization code"), (KnownGrants.RefreshToken, "Refresh token"),
        (KnownGrants.ClientCredentials, "Client credentials"), (KnownGrants.DeviceCode, "Device code"),
        (KnownGrants.TokenExchange, "Token exchange"), (KnownGrants.Password, "Password"),
        (KnownGrants.SecondFactor, "Second factor"), (KnownGrants.InstallPrecheck, "Install precheck"),
    ];
}

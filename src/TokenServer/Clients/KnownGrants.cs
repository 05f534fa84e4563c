namespace TokenServer.Clients;

/// <summary>The grant types that this server has (contract sections 1 and 9); a registration may name no other.</summary>
internal static class KnownGrants
{
    public const string Password = "password", RefreshToken = "refresh_token", ClientCredentials = "client_credentials",
        SecondFactor = SessionRequest.SecondFactorGrant, InstallPrecheck = "urn:tokenserver:grant-type:install_precheck",
        AuthorizationCode = "authorization_code", DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    public static readonly IReadOnlyList<string> All =
        [AuthorizationCode, RefreshToken, ClientCredentials, DeviceCode, TokenExchange, Password, SecondFactor, InstallPrecheck];
}

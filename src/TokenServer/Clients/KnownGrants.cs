namespace TokenServer.Clients;

/// <summary>The grant types that this server has (contract section 1); a registration may name no other.</summary>
internal static class KnownGrants
{
    public const string Password = "password", RefreshToken = "refresh_token", ClientCredentials = "client_credentials",
        SecondFactor = SessionRequest.SecondFactorGrant, InstallPrecheck = "urn:tokenserver:grant-type:install_precheck";

    public static readonly IReadOnlyList<string> All = [Password, RefreshToken, ClientCredentials, SecondFactor, InstallPrecheck];
}

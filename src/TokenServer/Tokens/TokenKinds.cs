namespace TokenServer.Tokens;

/// <summary>The kinds that introspection has no word for.</summary>
internal static class TokenKinds
{
    public const string Unknown = "unknown", IdToken = "id_token", LogoutToken = "logout_token", Code = "authorization_code",
        DeviceCode = "device_code", TempToken = "temp_token", Request = "request_uri", InstallCode = "install_code", Receipt = "receipt";
}

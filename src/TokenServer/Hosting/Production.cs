using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>What a server demands of the settings everywhere but in Development, whatever the environment is called;
/// a command on its database does not.</summary>
internal static class Production
{
    public static void Check(IServiceProvider services)
    {
        var environment = services.GetRequiredService<IHostEnvironment>();
        if (environment.IsDevelopment()) return;
        var options = services.GetRequiredService<TokenServerOptions>();
        if (string.IsNullOrEmpty(options.Issuer)) throw new SettingException("TokenServer:Issuer",
            $"it is required in {environment.EnvironmentName}: the https address that clients know this server by");
        if (!options.Issuer.StartsWith("https://", StringComparison.Ordinal))
            throw new SettingException("TokenServer:Issuer", $"it must be https in {environment.EnvironmentName}");
    }
}

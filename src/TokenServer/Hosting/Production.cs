using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>What only a server in Production demands of the settings; a command on its database does not.</summary>
internal static class Production
{
    public static void Check(IServiceProvider services)
    {
        if (!services.GetRequiredService<IHostEnvironment>().IsProduction()) return;
        var options = services.GetRequiredService<TokenServerOptions>();
        if (string.IsNullOrEmpty(options.Issuer)) throw new SettingException("TokenServer:Issuer",
            "it is required in Production: the https address that clients know this server by");
        if (!options.Issuer.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            throw new SettingException("TokenServer:Issuer", "it must be https in Production");
    }
}

namespace Benchmarks.Servers;

/// <summary>The real server as it is deployed behind a proxy: Release, Production, SQLite on disk.</summary>
internal static class TokenServerProcess
{
    public const string ClientId = "bench", OpaqueClientId = "opaque", CodeClientId = "code", RedirectUri = "https://client.example/cb", ClientSecret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", UserName = "jane", Password = "correct-horse-battery";
    private const string Import = $$"""
        {
          "clients": [{ "client_id": "{{ClientId}}", "client_secret": "{{ClientSecret}}", "scope": "offline_access api admin", "introspection": true, "audiences": ["api"],
                        "grant_types": ["client_credentials", "password", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"] },
                      { "client_id": "{{OpaqueClientId}}", "client_secret": "{{ClientSecret}}", "scope": "api", "grant_types": ["client_credentials"], "access_token_format": "opaque" },
                      { "client_id": "{{CodeClientId}}", "client_secret": "{{ClientSecret}}", "scope": "openid api", "grant_types": ["authorization_code"], "consent_type": "implicit",
                        "redirect_uris": ["{{RedirectUri}}"] }],
          "scopes": [{ "name": "api", "resources": ["api"] }],
          "users": [{ "username": "{{UserName}}", "email": "jane@example.com", "name": "Jane Doe", "password": "{{Password}}" }]
        }
        """;

    /// <summary>Starts it on the data directory <paramref name="folder"/>, which is filled at the first start.</summary>
    /// <param name="folder">The data directory.</param>
    /// <param name="database">A connection string; null for the file in that directory.</param>
    /// <param name="more">Further settings.</param>
    public static ServerProcess Start(string folder, string? database = null, params string[] more)
    {
        string import = Path.Combine(folder, "import.json");
        File.WriteAllText(import, Import);
        string[] stored = database is null ? [] : [$"--ConnectionStrings:Default={database}"];
        return new("TokenServer.dll", "/.well-known/openid-configuration", ["serve", "--urls=http://127.0.0.1:0", "--environment=Production",
            "--TokenServer:Issuer=https://bench.example", "--TokenServer:RequireHttps=false", $"--TokenServer:DataDirectory={folder}",
            $"--TokenServer:ImportFile={import}", "--RateLimits:Password:Permits=1000000", "--RateLimits:Password:Window=00:00:01", "--RateLimits:Device:Permits=1000000", "--RateLimits:Api:Permits=1000000", "--RateLimits:Api:Window=00:00:01", "--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information", .. stored, .. more]);
    }
}

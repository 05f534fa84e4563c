using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Benchmarks.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Benchmarks.Stock;

/// <summary>
/// OpenIddict as its documentation has it: its EF Core stores on SQLite, RSA certificates, grants answered by an endpoint of the host.
/// </summary>
internal static class StockServer
{
    public const string Verb = "--stock";

    /// <summary>Starts it in a process of its own.</summary>
    public static ServerProcess Start(string folder) => new("Benchmarks.dll", "/.well-known/openid-configuration", Verb, folder);

    /// <summary>Runs until the process is ended; <paramref name="folder"/> is for its database.</summary>
    public static async Task RunAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDbContext<StockContext>(options =>
            options.UseSqlite($"Data Source={Path.Combine(folder, "stock.db")}").UseOpenIddict());
        builder.Services.AddAuthentication();
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<StockContext>())
            .AddServer(Configure);
        await using var app = builder.Build();
        await PrepareAsync(app.Services);
        app.UseAuthentication();
        app.MapPost(StockGrants.Path, (Delegate)StockGrants.ExchangeAsync);
        await app.StartAsync();
        await Console.Out.WriteLineAsync("Now listening on: " + app.Urls.First());
        await app.WaitForShutdownAsync();
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        server.SetTokenEndpointUris(StockGrants.Path).AllowClientCredentialsFlow().AllowPasswordFlow().AllowRefreshTokenFlow();
        server.RegisterScopes(StockGrants.Scope);
        server.AddEncryptionCertificate(Certificate(X509KeyUsageFlags.KeyEncipherment));
        server.AddSigningCertificate(Certificate(X509KeyUsageFlags.DigitalSignature));
        // The load generator reads JSON without spaces.
        server.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement().SuppressJsonResponseIndentation();
    }

    // As AddDevelopmentSigningCertificate makes them, which would leave them in the user's store.
    private static X509Certificate2 Certificate(X509KeyUsageFlags usage)
    {
        var request = new CertificateRequest("CN=Benchmark", RSA.Create(2048), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static async Task PrepareAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<StockContext>().Database;
        await database.EnsureCreatedAsync();
        await database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL");
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = TokenServerProcess.ClientId, ClientSecret = TokenServerProcess.ClientSecret,
            Permissions =
            {
                Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials, Permissions.GrantTypes.Password,
                Permissions.GrantTypes.RefreshToken, Permissions.Prefixes.Scope + StockGrants.Scope,
            },
        });
    }
}

/// <summary>OpenIddict's tables and nothing else.</summary>
internal sealed class StockContext(DbContextOptions<StockContext> options) : DbContext(options);

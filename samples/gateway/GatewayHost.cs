using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace TokenServer.Sample.Gateway;

/// <summary>Puts the gateway together: YARP, and the gate before it.</summary>
public static class GatewayHost
{
    /// <summary>The program, configured by <c>gateway.json</c>, environment and arguments.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // Below the environment and the arguments.
        builder.Configuration.Sources.Insert(0, new JsonConfigurationSource
            { Path = "gateway.json", FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory), Optional = true });
        var options = Read<GatewayOptions>(builder.Configuration, "Gateway");
        options.Origin = options.Origin.TrimEnd('/');
        if (options.Origin.Length > 0 && (!Uri.TryCreate(options.Origin, UriKind.Absolute, out var origin)
            || origin.Scheme is not ("https" or "http") || origin.PathAndQuery != "/" || origin.UserInfo.Length > 0))
            throw new ValidationException("Gateway:Origin must be a scheme and a host, as https://api.example.com");
        builder.Services.AddSingleton(options).AddSingleton(Read<RelayOptions>(builder.Configuration, "Relay"))
            .AddSingleton<HealthListener>().AddHostedService(p => p.GetRequiredService<HealthListener>())
            .AddSingleton(TimeProvider.System).AddSingleton<GatewayMeter>().AddSingleton<RevokedTokens>()
            // A connection that lasts is looked up again now and then: the server's address may change.
            .AddSingleton(_ => new HttpClient(new SocketsHttpHandler
                { PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = Timeout.InfiniteTimeSpan })
            .AddSingleton<KeySet>().AddSingleton<RevokedFeed>().AddHostedService(p => p.GetRequiredService<RevokedFeed>())
            .AddSingleton<TokenCheck>().AddSingleton<IProofCheck, DpopProofs>().AddSingleton<Gate>()
            .AddSingleton<Relay>().AddHostedService(p => p.GetRequiredService<Relay>());
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
        configure?.Invoke(builder);
        var app = builder.Build();
        var gate = app.Services.GetRequiredService<Gate>();
        app.MapReverseProxy(proxy => proxy.Use((context, next) => gate.HandleAsync(context, _ => next(context))));
        return app;
    }

    private static T Read<T>(ConfigurationManager configuration, string section) where T : class, new()
    {
        var options = configuration.GetSection(section).Get<T>() ?? new T();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        return options;
    }
}

using Microsoft.AspNetCore.HttpOverrides;
using System.Net;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Protection;
using TokenServer.Storage;

namespace TokenServer.Hosting;

/// <summary>Builds the program that the commands and the tests run, and makes it ready.</summary>
internal static partial class ServerHost
{
    /// <summary>The program, configured; nothing has been opened yet.</summary>
    /// <param name="settings">Settings as command line arguments (<c>--urls</c>, <c>--TokenServer:Issuer=…</c>).</param>
    /// <param name="configure">Changes to make before it is built.</param>
    public static WebApplication Build(string[] settings, Action<WebApplicationBuilder>? configure = null)
    {
        var app = BuildParts(settings, configure);
        app.UseTokenServer();
        return app;
    }

    /// <summary>Its parts without its routes, for what must not open the database: a route's parts do when they are put together.</summary>
    /// <inheritdoc cref="Build"/>
    public static WebApplication BuildParts(string[] settings, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. settings], ApplicationName = nameof(TokenServer),
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestLimits.LargestBody;
            // Any byte may stand in a header's value (RFC 9110 section 5.5); as UTF-8 the server would refuse one that nobody reads.
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.Limits.RequestHeadersTimeout = RequestLimits.SlowestHead;
        });
        // Below Warning these show whole addresses and broken headers, and with them what a client put there: a token, a password.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Warning);
        // Below Warning it tells of each request what OAuth's parameters were, some twenty lines.
        // The second is the category of all that, by its full name, so that no setting is more exact.
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning).AddFilter(typeof(OpenIddictServerFactory).FullName, LogLevel.Warning);
        // What ends a start is told in one line by the command; what ends a part of the server later is told twice,
        // the second time as critical.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        Logs.Configure(builder);
        builder.Services.AddTokenServer(builder.Configuration);
        var trimmed = builder.Configuration.PutRight(builder.Services);
        configure?.Invoke(builder);
        var app = builder.Build();
        foreach (string setting in trimmed) Log.Trimmed(app.Services.GetRequiredService<ILogger<WebApplication>>(), setting);
        return app;
    }

    /// <summary>Opens the database, brings it up to date and reads what is kept in memory.</summary>
    /// <exception cref="SettingException">A setting makes no sense, or what it names cannot be used.</exception>
    public static async Task PrepareAsync(IServiceProvider services)
    {
        services.GetRequiredService<DataDirectory>().Create();
        services.EnsureProtectionKey();
        await services.GetRequiredService<KeyRing>().LoadAsync();
        services.GetRequiredService<ChangeFeed>().Load();
        await services.GetRequiredService<FirstPartyClient>().EnsureAsync();
    }

    /// <summary>The forwarded headers count only from trusted proxies; the address is the rightmost that is none of them.</summary>
    public static void UseTrustedProxies(this WebApplication app, TokenServerOptions options)
    {
        if (options.TrustedProxies.Length == 0) return;
        var forwarded = new ForwardedHeadersOptions
            { ForwardedHeaders = ForwardedHeaders.All & ~ForwardedHeaders.XForwardedPrefix, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (string proxy in options.TrustedProxies)
        {
            if (IPAddress.TryParse(proxy, out var address)) forwarded.KnownProxies.Add(address);
            else forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }
        app.UseForwardedHeaders(forwarded);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "White space around the setting {Setting} was left out")]
        public static partial void Trimmed(ILogger logger, string setting);
    }
}

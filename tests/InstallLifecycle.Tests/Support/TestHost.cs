using System.Net;
using System.Text;
using InstallLifecycle.Watching;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace InstallLifecycle.Tests.Support;

/// <summary>The module in a bare host on a real socket: a port of its own, a database of its own, a clock that the test moves.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    /// <summary>A request's header that says which address it comes from, or by which scheme.</summary>
    public const string AddressHeader = "Test-Address", SchemeHeader = "Test-Scheme";

    private const string PagePath = "/slowdns";
    private readonly WebApplication app;
    private readonly TemporaryFolder? folder;
    private readonly IDataProtectionProvider protection;
    private readonly InstallLifecycleOptions options;
    private bool stopped;

    private TestHost(WebApplication app, TestStorage storage, ManualClock clock, string path, TemporaryFolder? folder)
    {
        (this.app, Storage, Clock, File, this.folder) = (app, storage, clock, path, folder);
        protection = Get<IDataProtectionProvider>();
        options = Get<InstallLifecycleOptions>();
        Receipts = (TestReceipts)Get<IInstallReceipts>();
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }
    public HttpClient Http { get; }
    public ManualClock Clock { get; }
    public TestStorage Storage { get; }

    /// <summary>The database file; on PostgreSQL it stands for a database.</summary>
    public string File { get; }

    /// <summary>The keys that sign receipts.</summary>
    public TestReceipts Receipts { get; }

    public Lifecycle Lifecycle => Get<Lifecycle>();

    /// <summary>Starts a host with an empty database, without limits unless <paramref name="options"/> has them.</summary>
    public static Task<TestHost> StartAsync(InstallLifecycleOptions? options = null)
    {
        var folder = new TemporaryFolder();
        return StartAsync(options ?? Limits.None(), new EphemeralDataProtectionProvider(), new TestReceipts(), new ManualClock(), Path.Combine(folder.Path, "lifecycle.db"), folder);
    }

    /// <summary>Stops this host and starts another one on what it left: file, keys of Data Protection, time.</summary>
    public async Task<TestHost> RestartAsync()
    {
        var receipts = Receipts;
        await StopAsync();
        return await StartAsync(options, protection, receipts, Clock, File, folder: null);
    }

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Loads the page as a browser does; the cookie it sets, as the browser sends it back.</summary>
    public async Task<string> OpenPageAsync(string? cookie = null) => (await LoadPageAsync(cookie)).Split(';')[0];

    /// <summary>Loads the page; the whole Set-Cookie.</summary>
    public async Task<string> LoadPageAsync(string? cookie = null, params (string Name, string Value)[] headers)
    {
        var answer = await this.SendAsync("GET", PagePath, null, [.. headers, .. cookie is null ? [] : new[] { ("Cookie", cookie) }]);
        return answer.Headers.GetValues("Set-Cookie").Single();
    }

    /// <summary>What the database's files hold; on PostgreSQL every row of every table as text.</summary>
    public string Everything() => TestDatabases.ArePostgres
        ? TestDatabases.Dump(File)
        : string.Concat(Directory.GetFiles(Path.GetDirectoryName(File)!).Select(f => Encoding.Latin1.GetString(System.IO.File.ReadAllBytes(f))));

    public async Task StopAsync()
    {
        if (stopped) return;
        stopped = true;
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Storage.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (folder is null) return;
        await TestDatabases.DropAsync(File);
        folder.Dispose();
    }

    private static async Task<TestHost> StartAsync(InstallLifecycleOptions options, IDataProtectionProvider protection, TestReceipts receipts, ManualClock clock, string path, TemporaryFolder? folder)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var storage = new TestStorage(path);
        builder.Services.AddRouting().AddLogging().AddSingleton(options).AddSingleton(protection).AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<IInstallStorage>(storage).AddSingleton<IInstallAdministrators, TestAdministrators>().AddSingleton<IInstallClients, TestClients>()
            .AddSingleton<IInstallAddress, TestAddress>().AddSingleton<IInstallReceipts>(receipts).AddInstallLifecycle();
        var app = builder.Build();
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            // The framework's own handler adds headers of its own to what it has written.
            catch (Exception e) when (!context.Response.HasStarted)
            {
                context.Response.Clear();
                await InstallLifecycleModule.WriteErrorAsync(context, e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError);
            }
        });
        app.UseStatusCodePages(status => InstallLifecycleModule.WriteErrorAsync(status.HttpContext, status.HttpContext.Response.StatusCode));
        app.Use((context, next) =>
        {
            if (context.Request.Headers[AddressHeader] is [{ } address]) context.Connection.RemoteIpAddress = IPAddress.Parse(address);
            if (context.Request.Headers[SchemeHeader] is [{ } scheme]) context.Request.Scheme = scheme;
            return next(context);
        });
        app.UseRouting();
        app.MapInstallLifecycle();
        storage.News = app.Services.GetRequiredService<InstallNews>();
        await app.StartAsync();
        return new TestHost(app, storage, clock, path, folder);
    }
}

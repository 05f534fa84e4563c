using InstallLifecycle;
using InstallLifecycle.Codes;
using InstallLifecycle.Codes.Page;
using InstallLifecycle.Storage;
using InstallLifecycle.Tests.Support;
using InstallLifecycle.Tokens;
using InstallLifecycle.Watching;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Browser.Tests.Support;

/// <summary>A server of the page and of the route that its script calls, on a free port, with its own database and clock.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("slowdns-page-").FullName;
    private WebApplication? app;

    /// <summary>Scheme, host and port.</summary>
    public string Address => app!.Urls.First();

    public MovableClock Clock { get; } = new();

    /// <summary>How many codes were issued so far.</summary>
    public int Issued => app!.Services.GetRequiredService<IInstallStorage>().Read(db => db.Codes.Count());

    /// <summary>A server with <paramref name="settings"/>; the defaults of the lifecycle without.</summary>
    public static async Task<PageServer> StartAsync(Action<InstallLifecycleOptions>? settings = null)
    {
        var server = new PageServer();
        await server.RunAsync(settings);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task RunAsync(Action<InstallLifecycleOptions>? settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var storage = new FileStorage(Path.Combine(folder, "page.db"));
        var options = new InstallLifecycleOptions();
        settings?.Invoke(options);
        builder.Services.AddSingleton(options).AddSingleton<TimeProvider>(Clock)
            .AddSingleton<IInstallStorage>(storage)
            .AddSingleton<IInstallAddress, RequestAddress>().AddInstallLifecycle().AddPage()
            .AddDataProtection().UseEphemeralDataProtectionProvider();
        app = builder.Build();
        app.UseStatusCodePages(c => PageEndpoints.WriteErrorAsync(c.HttpContext, InstallError.OfStatus(c.HttpContext.Response.StatusCode)));
        PageEndpoints.Map(app);
        var api = app.MapGroup("/api/v2/slowdns");
        IssueCodeEndpoint.Map(api);
        EventsEndpoint.Map(api);
        storage.News = app.Services.GetRequiredService<InstallNews>();
        app.MapGet("/slowdns/unavailable", (RequestDelegate)(context => PageEndpoints.WriteErrorAsync(context, InstallError.Unavailable)));
        await app.Services.GetRequiredService<InstallKeys>().MaintainAsync();
        await app.StartAsync();
    }

    private sealed class RequestAddress : IInstallAddress
    {
        public string Of(HttpRequest request) => $"{request.Scheme}://{request.Host}";
    }

    private sealed class FileStorage : IInstallStorage, IDisposable
    {
        private readonly SemaphoreSlim turn = new(1);

        public InstallNews? News { get; set; }

        private readonly DbContextOptions<InstallLifecycleDbContext> options;

        public FileStorage(string path)
        {
            options = new DbContextOptionsBuilder<InstallLifecycleDbContext>().UseSqlite($"Data Source={path}").Options;
            using var db = new InstallLifecycleDbContext(options);
            db.Database.Migrate();
        }

        public async Task<T> WriteAsync<T>(Func<IInstallStatements, IInstallEvents, T> work)
        {
            await turn.WaitAsync();
            try
            {
                await using var db = new InstallLifecycleDbContext(options);
                await using var transaction = await db.Database.BeginTransactionAsync();
                var events = new Events();
                T done = work(new TestStatements(db.Database.GetDbConnection()), events);
                await transaction.CommitAsync();
                if (events.HasSteps) News?.Announce();
                return done;
            }
            finally
            {
                turn.Release();
            }
        }

        public T Find<T>(Func<IInstallStatements, T> query) => Read(db =>
        {
            db.Database.OpenConnection();
            return query(new TestStatements(db.Database.GetDbConnection()));
        });

        public T Read<T>(Func<InstallLifecycleDbContext, T> query)
        {
            using var db = new InstallLifecycleDbContext(options);
            return query(db);
        }

        // Servers check in by this, and none does here.
        public Task<int> ChangeAsync(string sql, params object?[] values) => throw new NotSupportedException(sql);

        public void Dispose() => turn.Dispose();
    }

    private sealed class Events : IInstallEvents
    {
        public bool HasSteps { get; private set; }

        public void Record(InstallEvent happened) { }

        public void TellWatchers() => HasSteps = true;
    }
}

/// <summary>The server's clock, which stands still until a test moves it.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long ticks = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
}

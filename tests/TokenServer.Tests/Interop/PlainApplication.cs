using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Interop;

/// <summary>
/// An application of somebody else's: OpenIddict with its own EF Core stores and entities, as its documentation has it, with 64-bit
/// keys.
/// </summary>
internal sealed class PlainApplication : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly AsyncServiceScope scope;

    private PlainApplication(Action<DbContextOptionsBuilder> use)
    {
        services = new ServiceCollection().AddLogging().AddDbContext<PlainContext>(options =>
        {
            use(options);
            options.UseOpenIddict<long>();
        }).AddOpenIddict().AddCore(core => core.UseEntityFrameworkCore().UseDbContext<PlainContext>().ReplaceDefaultEntities<long>())
            .Services.BuildServiceProvider();
        scope = services.CreateAsyncScope();
    }

    /// <summary>On the database of a running server.</summary>
    public static async Task<PlainApplication> OnAsync(TestServer server)
    {
        string? postgres = await TestDatabases.ConnectionStringAsync(server.Folder);
        return new(options =>
        {
            if (postgres is not null) options.UseNpgsql(postgres);
            else options.UseSqlite($"Data Source={Path.Combine(server.Folder, "tokenserver.db")}");
        });
    }

    /// <summary>On a database file of its own, with the tables that it makes itself.</summary>
    public static async Task<PlainApplication> CreateAsync(string connectionString)
    {
        var application = new PlainApplication(options => options.UseSqlite(connectionString));
        await application.scope.ServiceProvider.GetRequiredService<PlainContext>().Database.EnsureCreatedAsync();
        return application;
    }

    public IOpenIddictApplicationManager Clients => scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
    public IOpenIddictAuthorizationManager Authorizations => scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>();
    public IOpenIddictScopeManager Scopes => scope.ServiceProvider.GetRequiredService<IOpenIddictScopeManager>();
    public IOpenIddictTokenManager Tokens => scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>();

    public async ValueTask DisposeAsync()
    {
        await scope.DisposeAsync();
        await services.DisposeAsync();
    }

    private sealed class PlainContext(DbContextOptions<PlainContext> options) : DbContext(options);
}

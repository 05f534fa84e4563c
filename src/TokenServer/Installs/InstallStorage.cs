using InstallLifecycle;
using InstallLifecycle.Storage;
using Microsoft.EntityFrameworkCore.Metadata;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Installs;

/// <summary>The lifecycle's tables, in the server's own database and through its one writer.</summary>
internal sealed class InstallStorage(Database database, Instruments instruments) : IInstallStorage
{
    private const string Refused = "install.refused";
    private readonly Lazy<IModel> model = new(() => database.Read(s =>
    {
        using var db = Open(s);
        return db.Model;
    }), LazyThreadSafetyMode.PublicationOnly);

    public async Task<T> WriteAsync<T>(Func<InstallLifecycleDbContext, IInstallEvents, T> work)
    {
        // The first use of EF takes a third of a second, in which the writer would serve nobody.
        _ = model.Value;
        // The work may be run twice, the first time undone; what counts is the last.
        AuditedInstallEvents? events = null;
        var result = await database.WriteAsync(s =>
        {
            using var db = Open(s);
            return work(db, events = new AuditedInstallEvents(s));
        });
        foreach (var happened in events!.Recorded)
            instruments.InstallHappened(happened.Event, happened.Event == Refused ? CodeOf(happened.Detail) : null);
        return result;
    }

    // "step: code", and what the last of many refusals adds after it.
    private static string? CodeOf(string? detail) => detail?.Split(": ", 2) is [_, var code] ? code.Split(';')[0] : null;

    public T Read<T>(Func<InstallLifecycleDbContext, T> query) => database.Read(s =>
    {
        using var db = Open(s);
        return query(db);
    });

    private static InstallLifecycleDbContext Open(Statements s) =>
        s.Context<InstallLifecycleDbContext>(options => new(options), InstallLifecycleDbContext.MigrationsHistory);
}

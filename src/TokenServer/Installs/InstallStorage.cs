using InstallLifecycle;
using InstallLifecycle.Storage;
using InstallLifecycle.Watching;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Installs;

/// <summary>The lifecycle's tables, in the server's own database and through its one writer.</summary>
internal sealed class InstallStorage(Database database, InstallNews news, Instruments instruments) : IInstallStorage
{
    private const string Refused = "install.refused", Released = "activation.released";

    public async Task<T> WriteAsync<T>(Func<IInstallStatements, IInstallEvents, T> work)
    {
        // The work may be run twice, the first time undone; what counts is the last.
        AuditedInstallEvents? events = null;
        var result = await database.WriteAsync(s => work(new InstallStatements(s), events = new AuditedInstallEvents(s)));
        foreach (var happened in events!.Recorded)
            instruments.InstallHappened(happened.Event, happened.Event == Refused ? CodeOf(happened.Detail) : null,
                happened.Event == Released ? happened.Detail?.Contains(InstallEvent.ReasonMark, StringComparison.Ordinal) == true : null);
        if (events.HasSteps) news.Announce();
        return result;
    }

    // "step: code", and what the last of many refusals adds after it.
    private static string? CodeOf(string? detail) => detail?.Split(": ", 2) is [_, var code] ? code.Split(';')[0] : null;

    public Task<int> ChangeAsync(string sql, params object?[] values) => database.WriteBesideAsync(s => s.Execute(sql, values));

    public T Find<T>(Func<IInstallStatements, T> query) => database.Read(s => query(new InstallStatements(s)));

    public T Read<T>(Func<InstallLifecycleDbContext, T> query) => database.Read(s =>
    {
        using var db = s.Context<InstallLifecycleDbContext>(options => new(options), InstallLifecycleDbContext.MigrationsHistory);
        return query(db);
    });
}

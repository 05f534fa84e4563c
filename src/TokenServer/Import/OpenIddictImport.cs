using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Storage.Rows;

namespace TokenServer.Import;

/// <summary>Takes over the clients and scopes of another OpenIddict server's database (7.x, whatever its keys are): as their rows are,
/// secrets hashed, all of them or, where one cannot be taken, none. Its tokens are sealed with keys of its own, so its users sign in
/// anew.</summary>
internal sealed class OpenIddictImport(
    Database database, ImportTargets targets, TimeOrderedId ids, DataDirectory directory, TimeProvider clock)
{
    /// <summary>The option that names the other server's database.</summary>
    public const string Option = "--from-openiddict";

    private const string ScopesSql = """
        SELECT "Name", "Resources", "DisplayName", "DisplayNames", "Description", "Descriptions", "Properties" FROM "OpenIddictScopes"
        """;

    /// <param name="connectionString">The other server's database.</param>
    /// <param name="actor">Who does it.</param>
    /// <returns>How many clients and scopes were taken.</returns>
    /// <exception cref="ImportException">One cannot be taken; the message names it.</exception>
    /// <exception cref="SettingException">The other database cannot be used.</exception>
    public async Task<(int Clients, int Scopes)> ApplyAsync(string connectionString, Actor actor)
    {
        var (clients, scopes) = Read(DatabaseProvider.OfAnother(connectionString, directory, Option));
        foreach (var client in clients) Check(client);
        await database.WriteAsync(s =>
        {
            foreach (var client in clients) s.Save(client, EntityState.Added);
            foreach (var scope in scopes) s.Save(scope, EntityState.Added);
            AuditTrail.Append(s, new AuditEvent("import.applied", clock.GetUtcNow().UtcDateTime, actor)
                { Detail = $"{clients.Count} clients, {scopes.Count} scopes of an OpenIddict database" });
        });
        targets.Clients.Reload();
        targets.Scopes.Reload();
        return (clients.Count, scopes.Count);
    }

    private (List<ApplicationRow> Clients, List<ScopeRow> Scopes) Read(DatabaseProvider other)
    {
        try
        {
            using var statements = new Statements(other);
            var scopes = statements.All(ScopesSql, OfScope);
            // A scope that is registered here stays as it is.
            return (statements.All(KnownClients.SelectSql, r => KnownClients.RowOf(r, ids.Next())), [.. scopes.Where(s =>
                targets.Scopes.FindRow(s.Name!) is null)]);
        }
        catch (DbException e)
        {
            throw other.Explain(e);
        }
    }

    private void Check(ApplicationRow client)
    {
        string place = $"client {client.ClientId}";
        if (targets.Clients.Find(client.ClientId!) is not null) throw new ImportException(place, "client_id is taken");
        // Its flows and scopes may be others: the row stays as it is, and what is not here is never given.
        if (targets.Clients.FormProblemOf(ClientRegistration.Of(new Client(client))) is { } problem)
            throw new ImportException(place, problem);
    }

    private ScopeRow OfScope(DbDataReader r) => new()
    {
        Id = ids.Next(), Name = r.GetString(0), Resources = Row.TextOrNull(r, 1), DisplayName = Row.TextOrNull(r, 2),
        DisplayNames = Row.TextOrNull(r, 3), Description = Row.TextOrNull(r, 4), Descriptions = Row.TextOrNull(r, 5),
        Properties = Row.TextOrNull(r, 6),
    };
}

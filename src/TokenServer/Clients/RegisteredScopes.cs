using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>Registers, changes and deletes scopes, each change and its audit entry in one transaction; every change reaches every process
/// within a second.</summary>
internal sealed class RegisteredScopes(ScopeRegistry scopes, ScopeRows rows, Database database, TimeProvider clock)
{
    private const string NamingSql = $"""
        SELECT "ClientId", "Permissions" FROM "OpenIddictApplications" WHERE {ClientColumns.IsRegistered} ORDER BY "ClientId"
        """;

    /// <summary>In the order of their ids.</summary>
    public IEnumerable<ScopeRow> All => scopes.Rows;

    public ScopeRow? Find(string name) => scopes.FindRow(name);

    /// <summary>Registers a scope.</summary>
    /// <returns>Null, or what is wrong with the registration.</returns>
    public async Task<string?> AddAsync(ScopeRegistration registration, Actor actor)
    {
        if (rows.ProblemOf(registration) is { } problem) return problem;
        bool added = await database.WriteAsync(s =>
        {
            if (ScopeRegistry.Find(s, registration.Name) is not null) return false;
            rows.Save(s, registration);
            Append(s, "scope.added", actor, registration.Name, $"resources: {string.Join(' ', registration.Resources)}");
            return true;
        });
        scopes.Reload();
        return added ? null : "name is taken";
    }

    /// <summary>Changes a scope. Tokens that were given out keep what they say.</summary>
    /// <param name="name">Which scope.</param>
    /// <param name="isExpected">Whether its <see cref="ScopeRow"/>'s concurrency token is one that the caller takes.</param>
    /// <param name="change">The registration as it is → as it shall be.</param>
    /// <param name="actor">Who does it.</param>
    public async Task<Changed<ScopeRow>> UpdateAsync(string name, Func<string, bool> isExpected,
        Func<ScopeRegistration, ScopeRegistration> change, Actor actor)
    {
        var refused = await database.WriteAsync(s =>
        {
            if (ScopeRegistry.Find(s, name) is not { } row) return ChangeRefused.NotThere;
            if (!isExpected(row.ConcurrencyToken ?? "")) return ChangeRefused.Stale;
            var (before, wanted) = (ScopeRegistration.Of(row), change(ScopeRegistration.Of(row)));
            if (rows.ProblemOf(wanted) is { } problem) return new ChangeRefused(problem);
            rows.Save(s, wanted);
            Append(s, "scope.changed", actor, name, wanted.Difference(before));
            return null;
        });
        scopes.Reload();
        return refused is null ? Find(name)! : refused;
    }

    /// <summary>Deletes a scope that no client names.</summary>
    /// <returns>Null, or why it was not done.</returns>
    public async Task<ChangeRefused?> DeleteAsync(string name, Actor actor)
    {
        var refused = await database.WriteAsync(s =>
        {
            if (ScopeRegistry.Find(s, name) is null) return ChangeRefused.NotThere;
            if (!ScopeRegistry.IsBuiltIn(name) && Naming(s, name) is { Count: > 0 } clients)
                return new ChangeRefused($"these clients may ask for it; take it from them first: {string.Join(", ", clients)}", true);
            s.Execute("""DELETE FROM "OpenIddictScopes" WHERE "Name"=@p0""", name);
            Append(s, "scope.deleted", actor, name);
            return null;
        });
        scopes.Reload();
        return refused;
    }

    private static List<string> Naming(Statements s, string name) =>
        [.. s.All(NamingSql, r => (Id: r.GetString(0), Permissions: Row.TextOrNull(r, 1)))
            .Where(c => StoredJson.ReadList(c.Permissions).Contains(ClientColumns.Scope + name)).Select(c => c.Id)];

    private void Append(Statements s, string happened, Actor actor, string name, string? detail = null) =>
        AuditTrail.Append(s, new AuditEvent(happened, clock.GetUtcNow().UtcDateTime, actor) { Target = name, Detail = detail });
}

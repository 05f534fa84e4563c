using OpenIddict.Abstractions;
using OpenIddict.Core;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Import;

/// <summary>Writes scopes into rows as OpenIddict's manager does, from a descriptor and after its validation, but in the caller's
/// transaction (docs/decisions/0020). Our store answers the manager from memory, so nothing here waits.</summary>
internal sealed class ScopeRows(OpenIddictScopeManager<ScopeRow> manager, TimeOrderedId ids)
{
    /// <exception cref="ImportException">OpenIddict does not take it.</exception>
    public void Save(Statements s, ScopeRegistration scope)
    {
        using var context = s.Context();
        var row = context.Scopes.AsTracking().SingleOrDefault(r => r.Name == scope.Name);
        if (row is null) context.Scopes.Add(row = new ScopeRow { Id = ids.Next() });
        var before = row.Copy();
        var descriptor = new OpenIddictScopeDescriptor();
        manager.PopulateAsync(descriptor, row).AsTask().GetAwaiter().GetResult();
        (descriptor.Name, descriptor.DisplayName) = (scope.Name, scope.DisplayName);
        descriptor.Resources.Clear();
        descriptor.Resources.UnionWith(scope.Resources);
        manager.PopulateAsync(row, descriptor).AsTask().GetAwaiter().GetResult();
        // The manager writes dictionaries in an order that is another in each process.
        (row.Properties, row.DisplayNames, row.Descriptions) = (before.Properties, before.DisplayNames, before.Descriptions);
        if (row.ListResources().SequenceEqual(before.ListResources())) row.Resources = before.Resources;
        if (manager.ValidateAsync(row).ToBlockingEnumerable()
            .FirstOrDefault() is { ErrorMessage: { } problem }) throw new ImportException("scopes", problem);
        context.SaveChanges();
    }
}

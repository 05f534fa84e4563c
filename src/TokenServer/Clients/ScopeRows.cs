using OpenIddict.Abstractions;
using OpenIddict.Core;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>Writes scopes into rows as OpenIddict's manager does, from a descriptor and after its validation, but in the caller's
/// transaction (docs/decisions/0020). Our store answers the manager from memory, so nothing here waits.</summary>
internal sealed class ScopeRows(OpenIddictScopeManager<ScopeRow> manager, ScopeRegistry scopes, TimeOrderedId ids)
{
    /// <summary>What is wrong with a registration: our rules, then OpenIddict's; null where nothing is.</summary>
    public string? ProblemOf(ScopeRegistration registration)
    {
        if (registration.Problem() is { } problem) return problem;
        var row = scopes.FindRow(registration.Name)?.Copy() ?? new ScopeRow();
        Write(registration, row);
        return manager.ValidateAsync(row).ToBlockingEnumerable().FirstOrDefault()?.ErrorMessage;
    }

    /// <summary>Stores a registration, new or changed, in the caller's transaction.</summary>
    public void Save(Statements s, ScopeRegistration registration)
    {
        using var context = s.Context();
        var row = context.Scopes.AsTracking().SingleOrDefault(r => r.Name == registration.Name);
        if (row is null) context.Scopes.Add(row = new ScopeRow { Id = ids.Next() });
        Write(registration, row);
        if (context.ChangeTracker.HasChanges()) row.ConcurrencyToken = RandomNumberGenerator.GetHexString(32);
        context.SaveChanges();
    }

    private void Write(ScopeRegistration registration, ScopeRow row)
    {
        var before = row.Copy();
        var descriptor = new OpenIddictScopeDescriptor();
        manager.PopulateAsync(descriptor, row).AsTask().GetAwaiter().GetResult();
        descriptor.Name = registration.Name;
        (descriptor.DisplayName, descriptor.Description) = (registration.DisplayName, registration.Description);
        descriptor.Resources.Clear();
        descriptor.Resources.UnionWith(registration.Resources);
        manager.PopulateAsync(row, descriptor).AsTask().GetAwaiter().GetResult();
        // The manager writes dictionaries in an order that is another in each process.
        (row.Properties, row.DisplayNames, row.Descriptions) = (before.Properties, before.DisplayNames, before.Descriptions);
        if (row.ListResources().SequenceEqual(before.ListResources())) row.Resources = before.Resources;
    }
}

using OpenIddict.Abstractions;
using OpenIddict.Core;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>Writes registrations into rows as OpenIddict's manager does, from a descriptor and after its validation, but in the caller's
/// transaction (docs/decisions/0020). Our store answers the manager from memory, so nothing here waits.</summary>
internal sealed class ClientRows(
    OpenIddictApplicationManager<ApplicationRow> manager, RegistrationRules rules, KnownClients known, TimeOrderedId ids)
{
    /// <summary>What is wrong with a registration: its form, what it names, then what OpenIddict finds; null where nothing is.</summary>
    public string? ProblemOf(ClientRegistration registration, Coming coming) =>
        registration.Problem() ?? rules.ProblemOf(registration, coming) ?? OpenIddictsProblem(registration);

    /// <summary>What is wrong with the form of a registration; it may name what this server does not have, and gets none of that.</summary>
    public string? FormProblemOf(ClientRegistration registration) => registration.Problem() ?? OpenIddictsProblem(registration);

    private string? OpenIddictsProblem(ClientRegistration registration)
    {
        var row = known.Find(registration.ClientId!)?.Row.Copy() ?? new ApplicationRow();
        // Any text stands for the hash of a secret that is yet to be hashed.
        Write(registration, row, registration.ClientSecret);
        return manager.ValidateAsync(row).ToBlockingEnumerable().FirstOrDefault()?.ErrorMessage;
    }

    /// <summary>Stores a registration, new or changed. The secret stays as it is where <paramref name="secretHash"/> is null.</summary>
    public void Save(Statements s, ClientRegistration registration, string? secretHash)
    {
        using var context = s.Context();
        var row = context.Applications.AsTracking().SingleOrDefault(a => a.ClientId == registration.ClientId);
        if (row is null) context.Applications.Add(row = new ApplicationRow { Id = ids.Next() });
        Write(registration, row, secretHash);
        if (context.ChangeTracker.HasChanges()) row.ConcurrencyToken = RandomNumberGenerator.GetHexString(32);
        context.SaveChanges();
    }

    /// <summary>An id greater than every earlier one.</summary>
    public long NextId() => ids.Next();

    private void Write(ClientRegistration registration, ApplicationRow row, string? secretHash)
    {
        var before = row.Copy();
        var descriptor = new OpenIddictApplicationDescriptor();
        manager.PopulateAsync(descriptor, row).AsTask().GetAwaiter().GetResult();
        registration.WriteTo(descriptor);
        descriptor.ClientSecret = registration.ClientSecret is null ? null : secretHash ?? descriptor.ClientSecret;
        manager.PopulateAsync(row, descriptor).AsTask().GetAwaiter().GetResult();
        row.JsonWebKeySet = registration.Jwks is { } keys ? ClientKeys.TextOf(keys) : null;
        KeepTexts(before, row);
    }

    // The manager writes dictionaries in an order that is another in each process: what says the same is no change.
    private static void KeepTexts(ApplicationRow before, ApplicationRow row)
    {
        (row.Properties, row.DisplayNames) = (before.Properties, before.DisplayNames);
        if (row.JsonWebKeySet is not null && ClientKeys.IsSame(row.JsonWebKeySet, before.JsonWebKeySet))
            row.JsonWebKeySet = before.JsonWebKeySet;
        if (row.ListSettings().ToHashSet().SetEquals(before.ListSettings())) row.Settings = before.Settings;
        if (row.ListPermissions().SequenceEqual(before.ListPermissions())) row.Permissions = before.Permissions;
        if (row.ListRequirements().ToHashSet().SetEquals(before.ListRequirements())) row.Requirements = before.Requirements;
        if (row.ListRedirectUris().SequenceEqual(before.ListRedirectUris())) row.RedirectUris = before.RedirectUris;
        if (StoredJson.ReadList(row.PostLogoutRedirectUris).SequenceEqual(StoredJson.ReadList(before.PostLogoutRedirectUris)))
            row.PostLogoutRedirectUris = before.PostLogoutRedirectUris;
    }
}

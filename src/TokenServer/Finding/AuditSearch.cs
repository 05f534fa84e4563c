using InstallLifecycle;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Finding;

/// <summary>What a word that people use means in the audit trail, which keeps numbers: the accounts, clients, hosts and addresses that it
/// is a part of, by the columns that have an index (docs/decisions/0039).</summary>
internal sealed class AuditSearch(Database database, ClientRegistry clients, Lifecycle lifecycle)
{
    private const int MostAccounts = 1_000, MostAddresses = 64, MostHosts = 1_000;

    // Whose targets are numbers of accounts.
    private static readonly string[] OfAccounts = ["account", "second_factor", "sign_in", "session"], OfCodes = ["install_code", "install"];

    /// <summary>What <paramref name="part"/> means; null where nothing was asked for.</summary>
    public AuditMeaning? Of(NamePart? part)
    {
        if (part is null) return null;
        var (accounts, addresses) = database.Read(s => (AccountName.Find(s, part, MostAccounts + 1),
            part.AddressStart is { } start ? Addresses.Beginning(s, "Audit", start, MostAddresses + 1) : []));
        string[] ofClients = [.. clients.All.Where(c => part.IsIn(c.ClientId) || part.IsIn(c.Name)).Select(c => c.ClientId)];
        string[] events = [.. AuditGroups.Events.Where(part.IsIn)];
        var hosts = lifecycle.FindHosts(part.Pattern, MostHosts);
        string[] numbers = [.. accounts.Take(MostAccounts).Select(id => id.ToString(CultureInfo.InvariantCulture))];
        AuditTerm[] terms =
        [
            new("Actor", [.. numbers, .. ofClients, part.Text]), new("Target", numbers, OfAccounts),
            new("Target", [.. ofClients.Except([part.Text]), part.Text, .. hosts.Names]), new("Target", hosts.Codes, OfCodes),
            new("ClientId", ofClients), new("Address", addresses), new("Event", events),
        ];
        return new AuditMeaning(terms, accounts.Count <= MostAccounts && addresses.Count <= MostAddresses,
            (s, entries) => Pick(s, part, terms, entries));
    }

    private static IEnumerable<AuditEntry> Pick(Statements s, NamePart part, AuditTerm[] terms, IReadOnlyList<AuditEntry> entries)
    {
        var names = NamesOf(s, entries);
        var others = terms.ToLookup(t => t.Column, t => (Values: t.Values.ToHashSet(), t.Kinds));
        return entries.Where(e => IsAccount(e.Said.Actor) || TargetAccountOf(e.Said) is not null && IsAccount(e.Said.Target)
            || Has("Actor", e.Said.Actor, e) || Has("Target", e.Said.Target, e) || Has("ClientId", e.Said.ClientId, e)
            || Has("Event", e.Said.Event, e)
            || part.AddressStart is { } start && e.Said.Address?.StartsWith(start, StringComparison.Ordinal) == true);

        bool IsAccount(string? text) => NumberOf(text) is { } id && names.TryGetValue(id, out var name) && part.IsOf(name);

        bool Has(string column, string? value, AuditEntry e) => value is not null
            && others[column].Any(term => term.Values.Contains(value) && term.Kinds?.Contains(KindOf(e.Said)) != false);
    }

    /// <summary>What people call the accounts that <paramref name="entries"/> name.</summary>
    public IReadOnlyDictionary<int, AccountName> NamesOf(IReadOnlyList<AuditEntry> entries) => database.Read(s => NamesOf(s, entries));

    private static Dictionary<int, AccountName> NamesOf(Statements s, IReadOnlyList<AuditEntry> entries) => AccountName.Of(s,
        entries.SelectMany(e => (int?[])[NumberOf(e.Said.Actor), OfAccounts.Contains(KindOf(e.Said)) ? NumberOf(e.Said.Target) : null])
            .OfType<int>());

    /// <summary>The account that a text of an entry is the number of; null where it is none.</summary>
    public static int? NumberOf(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;

    /// <summary>The account that an entry is about; null where it is about none.</summary>
    public static int? TargetAccountOf(AuditEvent said) => OfAccounts.Contains(KindOf(said)) ? NumberOf(said.Target) : null;

    private static string KindOf(AuditEvent said) => said.Event.Split('.')[0];
}

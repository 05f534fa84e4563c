using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Which entries; null is any.</summary>
/// <param name="Event">Of this event.</param>
/// <param name="Actor">By this actor.</param>
/// <param name="Target">To this target.</param>
/// <param name="ClientId">About this client.</param>
/// <param name="From">Not before this time, UTC.</param>
/// <param name="To">Before this time, UTC.</param>
internal sealed record AuditFilter(string? Event = null, string? Actor = null,
    string? Target = null, string? ClientId = null, DateTime? From = null, DateTime? To = null)
{
    /// <summary>Of one of these events: a group.</summary>
    public IReadOnlyCollection<string>? Events { get; init; }

    /// <summary>Refused for this reason (<see cref="AuditReason"/>).</summary>
    public string? Reason { get; init; }

    /// <summary>What is meant by the part of a name that was asked for.</summary>
    public AuditMeaning? Meaning { get; init; }
}

/// <summary>What a part of a name may mean in the trail: each column with values that it may have.</summary>
/// <param name="Terms">Any of these.</param>
/// <param name="IsFew">Whether the terms say all; else there is more that it may mean.</param>
/// <param name="Pick">Takes what is meant of some entries.</param>
internal sealed record AuditMeaning(
    IReadOnlyList<AuditTerm> Terms, bool IsFew, Func<Statements, IReadOnlyList<AuditEntry>, IEnumerable<AuditEntry>> Pick);

/// <summary>Values of a column that are meant.</summary>
/// <param name="Column">Actor, Target, ClientId, Address or Event.</param>
/// <param name="Values">Its values.</param>
/// <param name="Kinds">How an event begins of which they are meant: numbers stand for accounts, codes and tunnels; null: any.</param>
internal sealed record AuditTerm(string Column, IReadOnlyCollection<string> Values, IReadOnlyCollection<string>? Kinds = null);

using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>Who reads: a client, as it was registered when it proved itself, under a name that it gives itself.</summary>
/// <param name="client">The client.</param>
/// <param name="name">Its name; empty where it gives none.</param>
/// <param name="proof">What it has proved itself with.</param>
internal sealed class FeedReader(Client client, string name, ClientProof proof)
{
    public const string Stream = "stream", Poll = "poll";

    public Client Client => client;
    public string ClientId => client.ClientId;
    public string Name => name;

    /// <summary>What a cursor of its is good for: another registration is told of other things.</summary>
    public string Scope { get; } = $"{TimeOrderedId.ToText(client.Id)} {string.Join(' ', client.Audiences.Order(StringComparer.Ordinal))}";

    /// <summary>Whether it showed its secret in the Authorization header.</summary>
    public bool UsedBasic => proof is ClientProof.Secret { UsedBasic: true };

    /// <summary>Whether it may go on by the same cursor: whoever came now with the same would be let in, and told of the same.</summary>
    /// <param name="known">The client as it is registered now; null where it is not.</param>
    /// <param name="now">UTC.</param>
    public bool MayGoOn(Client? known, DateTime now) => IsProved(known, now) && known!.MayIntrospect
        && (ReferenceEquals(client, known) || As(known).Scope == Scope);

    /// <summary>Whether it is still that client by what it showed.</summary>
    /// <inheritdoc cref="MayGoOn"/>
    public bool IsProved(Client? known, DateTime now) =>
        known is { IsRevoked: false, IsInternal: false, IsPublic: false } && known.Id == client.Id && proof.IsGood(known, now);

    /// <summary>The same reader as its client is registered now.</summary>
    public FeedReader As(Client known) => new(known, name, proof);
}

using Microsoft.IdentityModel.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Clients;

/// <summary>What a client has proved itself with, kept for as long as what it asked for stays open: whether it is still good of the client
/// as that is registered later.</summary>
internal abstract record ClientProof
{
    /// <summary>Whether a client that shows the same now would be let in.</summary>
    /// <param name="client">The client as it is registered now.</param>
    /// <param name="now">UTC.</param>
    public abstract bool IsGood(Client client, DateTime now);

    /// <summary>A secret, by what is stored of it.</summary>
    /// <param name="Hash">Its hash as it stood in the registration.</param>
    /// <param name="UsedBasic">Whether it came in the header.</param>
    internal sealed record Secret(string Hash, bool UsedBasic) : ClientProof
    {
        public override bool IsGood(Client client, DateTime now) => client.TakesSecret(UsedBasic)
            && (client.SecretHash == Hash || client.OldSecret is { } old && old.Hash == Hash && old.IsAlive(now));
    }

    /// <summary>A signature of one of its keys.</summary>
    internal sealed record Signature(JsonWebKey Key) : ClientProof
    {
        public override bool IsGood(Client client, DateTime now) => client.AuthMethod is (null or ClientAuthenticationMethods.PrivateKeyJwt)
            && client.JsonWebKeys?.Keys is { } keys && (keys.Contains(Key) || keys.Any(IsTheSame));

        // A set that was registered anew is read anew.
        private bool IsTheSame(JsonWebKey other) => other.Kid == Key.Kid
            && other.CanComputeJwkThumbprint() && other.ComputeJwkThumbprint().AsSpan().SequenceEqual(Key.ComputeJwkThumbprint());
    }
}

using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using TokenServer.Keys;

namespace TokenServer.Connect.Discovery;

/// <summary>
/// Gives OpenIddict the keys of the ring, those that sign first, and has it read its options anew whenever the ring has changed.
/// </summary>
internal sealed class RingCredentials
    : IConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>, IDisposable
{
    // Nothing that OpenIddict encrypts is given out; it wants to have a key all the same.
    private readonly EncryptingCredentials encryption = new(
        new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)), SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512);
    private readonly KeyRing keys;
    private CancellationTokenSource change = new();

    public RingCredentials(KeyRing keys)
    {
        this.keys = keys;
        keys.Changed += Tell;
    }

    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => new CancellationChangeToken(change.Token);

    public void Configure(OpenIddictServerOptions options)
    {
        options.SigningCredentials.AddRange(keys.Keys.OrderByDescending(k => k.Phase == KeyPhase.Active).Select(k => k.Key.Credentials));
        options.EncryptionCredentials.Add(encryption);
    }

    public void Dispose()
    {
        keys.Changed -= Tell;
        change.Dispose();
    }

    // At the first start the ring is read once before it has keys.
    private void Tell()
    {
        if (keys.Keys.Count > 0) Interlocked.Exchange(ref change, new CancellationTokenSource()).Cancel();
    }
}

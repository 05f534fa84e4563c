using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>OpenIddict's manager of clients, whose secrets are hashed and checked as everywhere here: behind the queue, and
/// remembered.</summary>
internal sealed class ClientManager(
    IOpenIddictApplicationCache<ApplicationRow> cache, ILogger<OpenIddictApplicationManager<ApplicationRow>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options, IOpenIddictApplicationStore<ApplicationRow> store,
    ClientSecrets secrets, PasswordHashing hashing)
    : OpenIddictApplicationManager<ApplicationRow>(cache, logger, options, store)
{
    /// <exception cref="StorageUnavailableException">Too many wait to be hashed.</exception>
    protected override async ValueTask<string> ObfuscateClientSecretAsync(string secret, CancellationToken cancellationToken = default) =>
        await hashing.HashAsync(secret) ?? throw Busy();

    /// <exception cref="StorageUnavailableException">Too many wait to be hashed.</exception>
    protected override async ValueTask<bool> ValidateClientSecretAsync(
        string secret, string comparand, CancellationToken cancellationToken = default) =>
        await secrets.VerifyAsync(comparand, secret, address: null) ?? throw Busy();

    private static StorageUnavailableException Busy() => new("too many secrets wait to be hashed");
}

using Microsoft.Extensions.Options;
using OpenIddict.Server;

namespace TokenServer.Connect.Dispatch;

/// <summary>Makes OpenIddict's transactions, as a singleton: the options are those of now.</summary>
internal sealed class TransactionFactory(ILogger<OpenIddictServerFactory> logger, IOptionsMonitor<OpenIddictServerOptions> options)
    : IOpenIddictServerFactory
{
    public ValueTask<OpenIddictServerTransaction> CreateTransactionAsync() =>
        new(new OpenIddictServerTransaction { Logger = logger, Options = options.CurrentValue });
}

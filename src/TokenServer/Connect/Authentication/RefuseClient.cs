using OpenIddict.Server;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.RateLimits;
using TokenServer.Storage;
using TokenServer.Telemetry;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ProcessError: a client that did not prove who it is, whatever the reason, is answered alike, counted, and noted; after 30 in a
/// minute from one address with <c>slow_down</c> (contract section 0).
/// </summary>
internal sealed class RefuseClient(
    ClientRegistry clients, RateWindows windows, Database database, TimeProvider clock, Instruments instruments)
    : IOpenIddictServerHandler<ProcessErrorContext>
{
    private readonly IRateWindow failures = windows.Create("client_authentication", new RateLimit(30));

    public async ValueTask HandleAsync(ProcessErrorContext context)
    {
        if (context.Error != "invalid_client") return;
        var request = ConnectRequest.Of(context);
        var client = context.Request?.ClientId is { } id ? clients.Find(id) : null;
        instruments.ClientNotAuthenticated(ReasonOf(context.Request?.ClientId, context.Request?.ClientSecret, client));
        // Only what counts against the limit is an audit entry, so a flood of failures is no flood of entries.
        if (await failures.TakeAsync(ClientAddress.Key(request.Http)) is { Allowed: false } lease)
        {
            request.Refusal = OAuthError.SlowDown(lease.RetryAfter);
            return;
        }
        request.Refusal = OAuthError.InvalidClient(request.UsedBasic);
        await database.WriteAsync(s => AuditTrail.Append(s, new AuditEvent("client_authentication.failed", clock.GetUtcNow().UtcDateTime)
        {
            ClientId = client?.ClientId, Address = request.Address,
        }));
    }

    private static string ReasonOf(string? id, string? secret, Client? client) => client switch
    {
        null => id is null ? "no_credentials" : "unknown_client",
        { IsInternal: true } => "unknown_client",
        { IsRevoked: true } => "revoked_client",
        { IsPublic: true } => "wrong_method",
        _ => secret is null ? "wrong_method" : "wrong_secret",
    };
}

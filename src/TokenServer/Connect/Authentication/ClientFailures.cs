using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.RateLimits;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Connect.Authentication;

/// <summary>Clients that did not prove who they are: answered alike, counted, and noted; after 30 in a minute from one address with
/// <c>slow_down</c> (contract section 0).</summary>
internal sealed class ClientFailures(RateWindows windows, Database database, TimeProvider clock, Instruments instruments)
{
    // As it is measured since before the trail had reasons.
    private const string RevokedClient = "revoked_client";
    private readonly IRateWindow failures = windows.Create("client_authentication", new RateLimit(30));

    /// <summary>Counts one; the answer to give.</summary>
    /// <param name="http">Its request.</param>
    /// <param name="client">The client that it names, if there is such a one.</param>
    /// <param name="reason">Why, for who counts.</param>
    /// <param name="usedBasic">Whether the answer has to name the scheme.</param>
    public async Task<OAuthError> NoteAsync(HttpContext http, Client? client, string reason, bool usedBasic)
    {
        instruments.ClientNotAuthenticated(reason);
        // Only what counts against the limit is an audit entry, so a flood of failures is no flood of entries.
        if (await failures.TakeAsync(ClientAddress.Key(http)) is { Allowed: false } lease) return OAuthError.SlowDown(lease.RetryAfter);
        await database.WriteAsync(s => AuditTrail.Append(s, new AuditEvent("client_authentication.failed", clock.GetUtcNow().UtcDateTime)
        {
            ClientId = client?.ClientId, Address = ClientAddress.Of(http),
            Detail = reason == RevokedClient ? AuditReason.ClientRevoked : reason,
        }));
        return OAuthError.InvalidClient(usedBasic);
    }

    /// <summary>Why a client that is <paramref name="client"/>, or none, was not authenticated.</summary>
    public static string ReasonOf(Client? client, string? clientId, string? secret, string? assertion) => client switch
    {
        _ when assertion is not null => AuditReason.WrongAssertion,
        null => clientId is null ? AuditReason.NoCredentials : AuditReason.UnknownClient,
        { IsInternal: true } => AuditReason.UnknownClient,
        { IsRevoked: true } => RevokedClient,
        { IsPublic: true } => AuditReason.WrongMethod,
        _ => secret is null ? AuditReason.WrongMethod : AuditReason.WrongSecret,
    };
}

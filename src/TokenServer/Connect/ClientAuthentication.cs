using System.Text;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.RateLimits;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Connect;

/// <summary>Authenticates the client of a request (RFC 6749 section 2.3, contract section 1). Every failure looks alike.</summary>
internal sealed class ClientAuthentication(ClientRegistry clients, ClientSecrets secrets, RateWindows windows, Database database, ChangeFeed changes, TimeProvider clock, Instruments instruments)
{
    private readonly IRateWindow failures = windows.Create("client_authentication", new RateLimit(30));

    /// <summary>The client that <paramref name="form"/> and the Authorization header prove, or the error to answer with.</summary>
    public async ValueTask<(Client? Client, OAuthError? Error)> AuthenticateAsync(HttpContext context, Form form)
    {
        // The form may have taken minutes to come.
        changes.EnsureFresh();
        var (shown, error) = Read(context.Request, form);
        if (shown is null) return (null, error ?? await RefuseAsync(context, null, context.Request.Headers.Authorization.Count > 0, "no_credentials"));
        var client = clients.Find(shown.ClientId);
        if (client is not { IsRevoked: false, IsInternal: false } || !Allows(client, shown)) return (null, await RefuseAsync(context, client, shown.ViaBasic, ReasonOf(client)));
        if (client.IsPublic) return (client, null);
        return await secrets.VerifyAsync(client, shown.Secret!, ClientAddress.Key(context)) switch
        {
            true => (client, null),
            false => (null, await RefuseAsync(context, client, shown.ViaBasic, "wrong_secret")),
            null => (null, OAuthError.Unavailable()),
        };
    }

    // Only what counts against the limit is an audit entry, so a flood of failures is no flood of entries.
    private async Task<OAuthError> RefuseAsync(HttpContext context, Client? client, bool viaBasic, string reason)
    {
        instruments.ClientNotAuthenticated(reason);
        if (await failures.TakeAsync(ClientAddress.Key(context)) is { Allowed: false } lease) return OAuthError.SlowDown(lease.RetryAfter);
        await database.WriteAsync(s => AuditTrail.Append(s, new AuditEvent("client_authentication.failed", clock.GetUtcNow().UtcDateTime) { ClientId = client?.ClientId, Address = ClientAddress.Of(context) }));
        return OAuthError.InvalidClient(viaBasic);
    }

    private static string ReasonOf(Client? client) => client switch { null or { IsInternal: true } => "unknown_client", { IsRevoked: true } => "revoked_client", _ => "wrong_method" };

    private static bool Allows(Client client, Shown shown) =>
        client.IsPublic ? shown.Secret is null : shown.Secret is not null && (client.AuthMethod is null || client.AuthMethod == (shown.ViaBasic ? "client_secret_basic" : "client_secret_post"));

    private static (Shown? Shown, OAuthError? Error) Read(HttpRequest request, Form form)
    {
        string? id = form["client_id"], secret = form["client_secret"];
        if (request.Headers.Authorization.Count == 0) return (id is null ? null : new Shown(id, secret, ViaBasic: false), null);
        if (request.Headers.Authorization is not [{ } header] || ReadBasic(header) is not { } basic) return (null, null);
        if (secret is not null) return (null, OAuthError.InvalidRequest("the client authenticates in two ways at once"));
        if (id is not null && id != basic.ClientId) return (null, OAuthError.InvalidRequest("client_id differs from the one in the Authorization header"));
        return (basic, null);
    }

    // Id and secret are form-encoded before they are joined and put into base 64 (RFC 6749 section 2.3.1).
    private static Shown? ReadBasic(string header)
    {
        const string Scheme = "Basic ";
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > 8192) return null;
        Span<byte> bytes = new byte[header.Length];
        if (!Convert.TryFromBase64Chars(header.AsSpan(Scheme.Length).Trim(), bytes, out int length)) return null;
        int colon = bytes[..length].IndexOf((byte)':');
        if (colon <= 0) return null;
        try
        {
            string secret = Form.Decode(bytes[(colon + 1)..length]);
            return new Shown(Form.Decode(bytes[..colon]), secret.Length == 0 ? null : secret, ViaBasic: true);
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private sealed record Shown(string ClientId, string? Secret, bool ViaBasic);
}

using System.Collections.Concurrent;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>What is dead before its time, as the feed told it: ids of sessions and tokens, and clients. Copy this class; it asks for nothing
/// but the claims of Security Event Tokens and of access tokens, both checked before.</summary>
public sealed class RevokedTokens
{
    public const string SessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    public const string TokenRevoked = "https://schemas.openid.net/secevent/oauth/event-type/token-revoked";
    public const string ClientDisabled = "https://schemas.openid.net/secevent/oauth/event-type/client-disabled";
    public const string ClientEnabled = "https://schemas.openid.net/secevent/oauth/event-type/client-enabled";

    private readonly ConcurrentDictionary<string, long> dead = new();
    private readonly ConcurrentDictionary<string, ClientState> clients = new();

    /// <summary>How many sessions, tokens and clients are kept.</summary>
    public int Count => dead.Count + clients.Count;

    /// <summary>Takes an event.</summary>
    /// <param name="claims">The claims of a Security Event Token.</param>
    /// <returns>When it happened, in seconds since 1970; null where it is none that ends something.</returns>
    public double? Apply(JsonElement claims)
    {
        var subject = claims.GetProperty("sub_id");
        foreach (var said in claims.GetProperty("events").EnumerateObject())
        {
            // Without it the event is kept for ever, which is right too.
            long until = said.Value.TryGetProperty("forget_after", out var end) ? end.GetInt64() : long.MaxValue;
            switch (said.Name)
            {
                case SessionRevoked:
                    dead[subject.GetProperty("session").GetProperty("id").GetString()!] = until;
                    break;
                case TokenRevoked:
                    dead[subject.GetProperty("jti").GetString()!] = until;
                    break;
                case ClientDisabled or ClientEnabled:
                    string? after = said.Name == ClientEnabled ? said.Value.GetProperty("valid_after").GetString() : null;
                    clients[subject.GetProperty("application").GetProperty("id").GetString()!] = new(after, until);
                    break;
                default:
                    continue;
            }
            return said.Value.TryGetProperty("event_timestamp", out var time) ? time.GetDouble() : null;
        }
        return null;
    }

    /// <summary>Whether an access token is dead: it, its session, its client, or what it was exchanged for (RFC 8693).</summary>
    /// <param name="token">Its claims.</param>
    public bool IsDead(JsonElement token)
    {
        try
        {
            return IsDeadOrOf(token);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            // What it came from cannot be read: nobody vouches for it.
            return true;
        }
    }

    private bool IsDeadOrOf(JsonElement token)
    {
        string? id = KeySet.Text(token, "jti"), session = KeySet.Text(token, "sid"), client = KeySet.Text(token, "client_id");
        if (id is null || client is null || dead.ContainsKey(id) || session is not null && dead.ContainsKey(session)) return true;
        if (!Vouches(client, id)) return true;
        if (!token.TryGetProperty("exchanged", out var exchanged)) return session is not null && !Vouches(client, session);
        // It came from another client's token, and its session is that one's.
        string first = exchanged.GetProperty("client_id").GetString()!;
        string[] ids = [.. exchanged.GetProperty("jti").EnumerateArray().Select(e => e.GetString()!)];
        return ids.Any(dead.ContainsKey) || !Vouches(first, ids[0]) || session is not null && !Vouches(first, session);
    }

    /// <summary>Forgets what could not be alive any more.</summary>
    public void Forget(DateTimeOffset now)
    {
        long seconds = now.ToUnixTimeSeconds();
        foreach (var (id, until) in dead)
            if (until < seconds) dead.TryRemove(KeyValuePair.Create(id, until));
        foreach (var (id, state) in clients)
            if (state.Until < seconds) clients.TryRemove(KeyValuePair.Create(id, state));
    }

    // The server's ids grow with time, as texts too: what it gave a client up to that moment is dead.
    private bool Vouches(string client, string id) => !clients.TryGetValue(client, out var state)
        || state.ValidAfter is { } after && string.CompareOrdinal(id, after) > 0;

    /// <summary>A client of which something happened: what of its is dead; all, where nothing is named.</summary>
    private sealed record ClientState(string? ValidAfter, long Until);
}

using Microsoft.IdentityModel.JsonWebTokens;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>Security Event Tokens (RFC 8417): CAEP's session-revoked, and of the OAuth event types token-revoked, client-disabled and
/// client-enabled, with the subjects of the Shared Signals Framework.</summary>
internal sealed class EventTokens(KeyRing keys, TimeProvider clock)
{
    public const string Type = "secevent+jwt";
    public const string SessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    public const string TokenRevoked = OAuthEvents + "token-revoked", ClientDisabled = OAuthEvents + "client-disabled",
        ClientEnabled = OAuthEvents + "client-enabled";

    private const string OAuthEvents = "https://schemas.openid.net/secevent/oauth/event-type/";
    private static readonly JsonWebTokenHandler writer = new() { SetDefaultTimesOnTokenCreation = false };
    private static readonly Dictionary<string, object> header = new() { ["typ"] = Type };

    /// <summary>The event types that are told.</summary>
    public static readonly string[] Types = [SessionRevoked, TokenRevoked, ClientDisabled, ClientEnabled];

    /// <summary>The token that tells <paramref name="reader"/> of <paramref name="entry"/>.</summary>
    public string Make(FeedEntry entry, FeedReader reader, string issuer)
    {
        // What a key signed that was replaced since is signed anew: its reader may not find that key any more.
        var key = keys.Active(SigningKey.ES256);
        return entry.Written($"{reader.Scope} {issuer} {key.KeyId}", () =>
        {
            byte[] claims = Foundation.Json.Write((entry, reader, issuer, clock.GetUtcNow().ToUnixTimeSeconds()), Write);
            return writer.CreateToken(Encoding.UTF8.GetString(claims), key.Credentials, header);
        });
    }

    private static void Write(Utf8JsonWriter json, (FeedEntry Entry, FeedReader Reader, string Issuer, long Now) of)
    {
        json.WriteStartObject();
        json.WriteString("iss"u8, of.Issuer);
        json.WriteString("aud"u8, of.Reader.ClientId);
        json.WriteString("jti"u8, FeedCursors.Of(of.Entry, of.Reader));
        json.WriteNumber("iat"u8, of.Now);
        json.WriteStartObject("sub_id"u8);
        WriteSubject(json, of.Entry, of.Issuer);
        json.WriteEndObject();
        json.WriteStartObject("events"u8);
        json.WriteStartObject(TypeOf(of.Entry));
        json.WriteNumber("event_timestamp"u8, Seconds(of.Entry.HappenedAt));
        if (of.Entry.ValidAfter is { } after) json.WriteString("valid_after"u8, TimeOrderedId.ToText(after));
        json.WriteNumber("forget_after"u8, (long)Math.Ceiling(Seconds(of.Entry.ExpiresAt)));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSubject(Utf8JsonWriter json, FeedEntry entry, string issuer)
    {
        if (entry.Kind == FeedKind.Token)
        {
            json.WriteString("format"u8, "jwt_id"u8);
            json.WriteString("iss"u8, issuer);
            json.WriteString("jti"u8, TimeOrderedId.ToText(entry.DeadId));
            return;
        }
        json.WriteString("format"u8, "complex"u8);
        json.WriteStartObject(entry.Kind == FeedKind.Session ? "session"u8 : "application"u8);
        json.WriteString("format"u8, "opaque"u8);
        json.WriteString("id"u8, entry.Kind == FeedKind.Session ? TimeOrderedId.ToText(entry.DeadId) : entry.ClientId);
        json.WriteEndObject();
    }

    private static string TypeOf(FeedEntry entry) => entry.Kind switch
    {
        FeedKind.Session => SessionRevoked,
        FeedKind.Token => TokenRevoked,
        _ => entry.ValidAfter is null ? ClientDisabled : ClientEnabled,
    };

    /// <summary>A time as events say it: seconds since 1970, to the millisecond (RFC 7519 section 2, NumericDate).</summary>
    public static decimal Seconds(DateTime utc) => new DateTimeOffset(utc).ToUnixTimeMilliseconds() / 1000m;
}

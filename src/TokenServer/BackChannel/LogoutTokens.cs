using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Storage;

namespace TokenServer.BackChannel;

/// <summary>Logout tokens (OpenID Connect Back-Channel Logout section 2.4), made when they are sent, each with a <c>jti</c> of its own: a
/// receiver that took one whose answer was lost takes the next as well, and may refuse one that it has seen.</summary>
internal sealed class LogoutTokens(KeyRing keys, Issuer issuer, TimeOrderedId ids, TimeProvider clock)
{
    public const string Type = "logout+jwt";

    /// <summary>How long one is good (section 2.4 recommends it).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private static readonly JsonWebTokenHandler writer = new() { SetDefaultTimesOnTokenCreation = false };
    private static readonly Dictionary<string, object> header = new() { ["typ"] = Type };

    /// <summary>Whether any can be made: it is known what clients call this server.</summary>
    public bool CanMake => issuer.Known is not null;

    /// <summary>The token that tells <paramref name="client"/> of the end of a session.</summary>
    public string Make(Client client, long sessionId, string subject) =>
        writer.CreateToken(Claims(client, sessionId, subject), keys.Active(client.IdentityTokenAlgorithm).Credentials, header);

    private string Claims(Client client, long sessionId, string subject)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, issuer.Known);
            json.WriteString("sub"u8, subject);
            json.WriteString("aud"u8, client.ClientId);
            json.WriteNumber("iat"u8, now);
            json.WriteNumber("exp"u8, now + (long)Lifetime.TotalSeconds);
            json.WriteString("jti"u8, TimeOrderedId.ToText(ids.Next()));
            json.WriteString("sid"u8, TimeOrderedId.ToText(sessionId));
            json.WriteStartObject("events"u8);
            json.WriteStartObject("http://schemas.openid.net/event/backchannel-logout"u8);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

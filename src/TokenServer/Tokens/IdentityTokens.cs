using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>Id tokens (OpenID Connect Core section 2), tied to the access token beside them by <c>at_hash</c>.</summary>
internal sealed class IdentityTokens(KeyRing keys, LifetimesOptions lifetimes, TimeProvider clock)
{
    public string Sign(Session session, string issuer, string accessToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("iss"u8, issuer);
        writer.WriteString("sub"u8, session.AccountId.ToString());
        writer.WriteString("aud"u8, session.Client.ClientId);
        writer.WriteNumber("exp"u8, now + (long)lifetimes.IdentityToken.TotalSeconds);
        writer.WriteNumber("iat"u8, now);
        writer.WriteNumber("auth_time"u8, new DateTimeOffset(session.AuthTime).ToUnixTimeSeconds());
        writer.WriteStartArray("amr"u8);
        foreach (string method in session.Methods) writer.WriteStringValue(method);
        writer.WriteEndArray();
        // Both algorithms hash with SHA-256, so at_hash is the left half of it (section 3.1.3.6).
        writer.WriteString("at_hash"u8, Base64Url.EncodeToUtf8(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16)));
        writer.WriteString("sid"u8, TimeOrderedId.ToText(session.Id));
        writer.WriteEndObject();
        writer.Flush();
        return JsonWebSignature.Sign(keys.Active(session.Client.IdentityTokenAlgorithm), "JWT", buffer.WrittenSpan);
    }
}

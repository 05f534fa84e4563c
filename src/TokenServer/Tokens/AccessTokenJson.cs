using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>The claims of an access token as JSON, both ways (RFC 9068 section 2.2).</summary>
internal static class AccessTokenJson
{
    [ThreadStatic] private static ArrayBufferWriter<byte>? buffer;
    [ThreadStatic] private static Utf8JsonWriter? writer;

    /// <summary>The claims as JSON; the bytes are this thread's until its next call.</summary>
    public static ReadOnlySpan<byte> Write(AccessToken token)
    {
        buffer ??= new ArrayBufferWriter<byte>(1024);
        writer ??= new Utf8JsonWriter(buffer);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        writer.WriteString("iss"u8, token.Issuer);
        writer.WriteString("sub"u8, token.Subject);
        WriteAudience(writer, token.Audiences);
        writer.WriteString("client_id"u8, token.ClientId);
        writer.WriteNumber("exp"u8, token.ExpiresAt);
        writer.WriteNumber("iat"u8, token.IssuedAt);
        writer.WriteString("jti"u8, TimeOrderedId.ToText(token.Id));
        writer.WriteString("scope"u8, token.Scope);
        if (token.AuthTime is { } time) writer.WriteNumber("auth_time"u8, time);
        if (token.SessionId is { } session) writer.WriteString("sid"u8, TimeOrderedId.ToText(session));
        if (token.Role is { } role) writer.WriteString("role"u8, role);
        if (token.KeyThumbprint is { } thumbprint) WriteConfirmation(writer, thumbprint);
        if (token.Actor is { } actor) WriteRaw(writer, "act"u8, actor);
        if (token.Exchanged is { } exchanged) WriteExchanged(writer, exchanged);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan;
    }

    /// <summary>One audience is a string, several are an array (RFC 7519 section 4.1.3).</summary>
    public static void WriteAudience(Utf8JsonWriter writer, string[] audiences)
    {
        if (audiences is [var one])
        {
            writer.WriteString("aud"u8, one);
            return;
        }
        writer.WriteStartArray("aud"u8);
        foreach (string audience in audiences) writer.WriteStringValue(audience);
        writer.WriteEndArray();
    }

    private static void WriteConfirmation(Utf8JsonWriter writer, string thumbprint)
    {
        writer.WriteStartObject("cnf"u8);
        writer.WriteString("jkt"u8, thumbprint);
        writer.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json);
    }

    private static void WriteExchanged(Utf8JsonWriter writer, ExchangedFor exchanged)
    {
        writer.WriteStartObject("exchanged"u8);
        writer.WriteString("client_id"u8, exchanged.ClientId);
        writer.WriteStartArray("jti"u8);
        foreach (long id in exchanged.TokenIds) writer.WriteStringValue(TimeOrderedId.ToText(id));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The claims in <paramref name="json"/>; null where one that must be there is not, or is of another type.</summary>
    public static AccessToken? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            var claims = new Claims();
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) claims.Take(ref reader);
            return claims.Token();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private struct Claims
    {
        private string? issuer, subject, clientId, scope, role, actor, thumbprint;
        private ExchangedFor? exchanged;
        private string[]? audiences;
        private long? id, issuedAt, expiresAt, notBefore, authTime, session;

        public void Take(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("iss"u8)) issuer = Text(ref reader);
            else if (reader.ValueTextEquals("sub"u8)) subject = Text(ref reader);
            else if (reader.ValueTextEquals("aud"u8)) audiences = List(ref reader);
            else if (reader.ValueTextEquals("client_id"u8)) clientId = Text(ref reader);
            else if (reader.ValueTextEquals("exp"u8)) expiresAt = Number(ref reader);
            else if (reader.ValueTextEquals("iat"u8)) issuedAt = Number(ref reader);
            else if (reader.ValueTextEquals("nbf"u8)) notBefore = Number(ref reader);
            else if (reader.ValueTextEquals("jti"u8)) id = TimeOrderedId.Parse(Text(ref reader));
            else if (reader.ValueTextEquals("scope"u8)) scope = Text(ref reader);
            else if (reader.ValueTextEquals("auth_time"u8)) authTime = Number(ref reader);
            else if (reader.ValueTextEquals("sid"u8)) session = TimeOrderedId.Parse(Text(ref reader));
            else if (reader.ValueTextEquals("role"u8)) role = Text(ref reader);
            else if (reader.ValueTextEquals("cnf"u8)) thumbprint = Value(ref reader).GetProperty("jkt").GetString();
            else if (reader.ValueTextEquals("act"u8)) actor = Value(ref reader).GetRawText();
            else if (reader.ValueTextEquals("exchanged"u8)) exchanged = Exchanged(Value(ref reader));
            else Skip(ref reader);
        }

        public readonly AccessToken? Token() =>
            id is { } jti && subject is not null
                && clientId is not null && audiences is not null && scope is not null && issuedAt is { } iat && expiresAt is { } exp
                ? new AccessToken
                {
                    Id = jti, Issuer = issuer, Subject = subject, Audiences = audiences, ClientId = clientId, Scope = scope,
                    ExpiresAt = exp, IssuedAt = iat, NotBefore = notBefore, SessionId = session, AuthTime = authTime, Role = role,
                    Actor = actor, KeyThumbprint = thumbprint, Exchanged = exchanged,
                }
                : null;

        private static void Skip(ref Utf8JsonReader reader)
        {
            reader.Read();
            reader.Skip();
        }

        private static JsonElement Value(ref Utf8JsonReader reader)
        {
            reader.Read();
            return JsonElement.ParseValue(ref reader);
        }

        private static ExchangedFor Exchanged(JsonElement value) => new(value.GetProperty("client_id").GetString()!,
            [.. value.GetProperty("jti").EnumerateArray()
                .Select(id => TimeOrderedId.Parse(id.GetString()) ?? throw new FormatException())]);

        private static string? Text(ref Utf8JsonReader reader)
        {
            reader.Read();
            return reader.GetString();
        }

        private static long Number(ref Utf8JsonReader reader)
        {
            reader.Read();
            return reader.GetInt64();
        }

        private static string[] List(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.String) return [reader.GetString()!];
            var list = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(reader.GetString()!);
            return [.. list];
        }
    }
}

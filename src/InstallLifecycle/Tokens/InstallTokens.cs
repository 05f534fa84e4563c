using System.Buffers;

namespace InstallLifecycle.Tokens;

/// <summary>Precheck and install tokens: JWTs (RFC 7519) with HS256, each kind with keys and a <c>typ</c> of its own, so that neither is
/// taken where the other is due (RFC 8725 section 3.11).</summary>
internal sealed class InstallTokens(TimeProvider clock)
{
    public const string Audience = "install";

    // base64url of {"alg":"HS256 and of nothing that this server makes otherwise.
    private const string HeaderStart = "eyJhbGciOiJIUzI1Ni";
    private const int LongestToken = 1024;

    /// <summary>Whether <paramref name="text"/> looks like one.</summary>
    public static bool Recognizes(string text) => text.StartsWith(HeaderStart, StringComparison.Ordinal);

    /// <summary>Signs a token that lives for <paramref name="lifetime"/>.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="purpose"><see cref="InstallKeys.Precheck"/> or <see cref="InstallKeys.Install"/>.</param>
    /// <param name="codeId">The code's row.</param>
    /// <param name="binding">The code's binding.</param>
    /// <param name="subject">The machine or the activation.</param>
    /// <param name="lifetime">How long it is good.</param>
    /// <param name="challenge">What the machine has to sign; null for nothing.</param>
    public SignedToken Sign(
        KeySet keys, string purpose, long codeId, int binding, string subject, TimeSpan lifetime, string? challenge = null)
    {
        var key = keys.Current(purpose);
        long now = clock.GetUtcNow().ToUnixTimeSeconds(), end = now + (long)lifetime.TotalSeconds;
        byte[] payload = Write(json =>
        {
            json.WriteString("sub"u8, subject);
            json.WriteString("aud"u8, Audience);
            json.WriteNumber("iat"u8, now);
            json.WriteNumber("exp"u8, end);
            json.WriteString("jti"u8, RandomNumberGenerator.GetHexString(16, lowercase: true));
            json.WriteNumber("code"u8, codeId);
            json.WriteNumber("binding"u8, binding);
            if (challenge is not null) json.WriteString("challenge"u8, challenge);
        });
        string signed = $"{Header(purpose, key.KeyId)}.{Base64Url.EncodeToString(payload)}";
        return new SignedToken($"{signed}.{Signature(key, signed)}", DateTimeOffset.FromUnixTimeSeconds(end));
    }

    /// <summary>What <paramref name="text"/> says, if this server signed it for <paramref name="purpose"/>.</summary>
    public ReadToken Read(KeySet keys, string purpose, string text)
    {
        int first = text.IndexOf('.'), last = text.LastIndexOf('.');
        if (text.Length > LongestToken || first < 0 || last <= first) return ReadToken.Invalid;
        // The header is compared as a whole with the one that each key's tokens have: nothing in it is left to be believed.
        foreach (var key in keys.All(purpose))
        {
            if (!text.AsSpan(0, first).SequenceEqual(Header(purpose, key.KeyId))) continue;
            if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text[(last + 1)..]),
                Encoding.ASCII.GetBytes(Signature(key, text[..last])))) return ReadToken.Invalid;
            var token = ReadPayload(text.AsSpan(first + 1, last - first - 1));
            long now = clock.GetUtcNow().ToUnixTimeSeconds();
            return new ReadToken(token, token.ExpiresAt <= now || token.IssuedAt > now + (long)StoredTime.Skew.TotalSeconds);
        }
        return ReadToken.Invalid;
    }

    private static string Header(string purpose, string keyId) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"HS256","kid":"{{keyId}}","typ":"{{purpose}}+jwt"}"""));

    private static string Signature(InstallKey key, string signed) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(key.Bytes, Encoding.UTF8.GetBytes(signed)));

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    // Its signature is ours, so it is what Sign wrote.
    private static InstallToken ReadPayload(ReadOnlySpan<char> text)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(text));
        var members = document.RootElement;
        return new InstallToken
        {
            Subject = members.GetProperty("sub"u8).GetString()!, JwtId = members.GetProperty("jti"u8).GetString()!,
            IssuedAt = members.GetProperty("iat"u8).GetInt64(), ExpiresAt = members.GetProperty("exp"u8).GetInt64(),
            CodeId = members.GetProperty("code"u8).GetInt64(), Binding = members.GetProperty("binding"u8).GetInt32(),
            Challenge = members.TryGetProperty("challenge"u8, out var challenge) ? challenge.GetString() : null,
        };
    }
}

/// <summary>A signed token and its end.</summary>
internal sealed record SignedToken(string Text, DateTimeOffset ExpiresAt);

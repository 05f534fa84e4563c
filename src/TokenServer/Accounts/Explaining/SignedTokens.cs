using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Explaining;

/// <summary>What this server signs: access tokens, id tokens and logout tokens. Nothing is told of what a text says that no key of the
/// server's has signed.</summary>
internal sealed class SignedTokens(AccessTokens accessTokens, KeyRing keys, Issuer issuer, AccessTokenChecks access,
    CommonChecks common, Blame blame) : IExplainedKind
{
    private const string IdTokenType = "JWT", LogoutTokenType = "logout+jwt", Start = "eyJ";

    public bool Recognizes(string text) => text.StartsWith(Start, StringComparison.Ordinal);

    public TokenFacts? Explain(string text)
    {
        if (JsonWebSignature.Parse(text) is not { } parts || KindOf(parts) is not { } kind) return null;
        var none = new TokenFacts(kind) { IsLookedUp = kind == TokenUse.Access };
        if (keys.Find(parts.KeyId) is not { } key) return UnknownKey(none, parts);
        if (key.Algorithm != parts.Algorithm || !key.Verify(parts.Signed, parts.Signature)) return none.Fails(Checks.Signature);
        if (kind == TokenUse.Access)
            return accessTokens.Read(text) is { } token ? access.Explain(token) : none.Fails(Checks.Issuer);
        using var document = JsonDocument.Parse(parts.Payload);
        var claims = document.RootElement;
        return issuer.Accepts(Text(claims, "iss")) ? Explain(kind, claims) : none.Fails(Checks.Issuer);
    }

    private static string? KindOf(JsonWebSignature.Parts parts) => parts.Type switch
    {
        AccessTokens.Type => TokenUse.Access, IdTokenType => TokenKinds.IdToken, LogoutTokenType => TokenKinds.LogoutToken, _ => null,
    };

    // Signed by another, or by a key that was replaced after it was issued; what it says of that time is all that is taken from it.
    private TokenFacts? UnknownKey(TokenFacts facts, JsonWebSignature.Parts parts)
    {
        using var document = Parsed(parts.Payload);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } claims
            || facts.Kind == TokenKinds.IdToken && !issuer.Accepts(Text(claims, "iss"))) return null;
        var replaced = blame.Last(null, "key.all_replaced");
        bool isBefore = replaced is not null && Time(claims, "iat") <= replaced.Time;
        return facts.Fails(Checks.SigningKey, isBefore ? replaced!.Time : null, isBefore ? replaced!.Actor : null);
    }

    private TokenFacts Explain(string kind, JsonElement claims)
    {
        string? subject = Text(claims, "sub");
        var facts = new TokenFacts(kind)
        {
            Subject = subject, ClientId = Text(claims, "aud") ?? Text(claims, "azp"), SessionId = TimeOrderedId.Parse(Text(claims, "sid")),
            IssuedAt = Time(claims, "iat"), ExpiresAt = Time(claims, "exp"),
            AccountId = int.TryParse(subject, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null,
        };
        common.Times(facts);
        common.Client(facts);
        // A logout token tells that its session has ended.
        if (kind == TokenKinds.LogoutToken) return facts;
        if (facts.SessionId is { } session) common.Session(facts, session, needsRow: false);
        if (facts.AccountId is not null) common.Account(facts);
        return facts;
    }

    private static JsonDocument? Parsed(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement claims, string name)
    {
        try
        {
            return claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text.
            return null;
        }
    }

    private static DateTime? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long seconds)
        && seconds is > 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime : null;
}

using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>Reads an <c>id_token_hint</c> (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout section 2): an id token that this
/// server signed, however old, with a key that may be retiring; no other kind of token is one, a logout token neither: <c>typ</c> says
/// so.</summary>
internal sealed class IdTokenHints(KeyRing keys, Issuer issuer)
{
    private const string Type = "JWT";

    /// <summary>What <paramref name="text"/> says; null where it is no id token of this server's.</summary>
    public IdTokenHint? Read(string text)
    {
        if (JsonWebSignature.Parse(text) is not { Type: Type } parts || keys.Find(parts.KeyId) is not { } key
            || key.Algorithm != parts.Algorithm || !key.Verify(parts.Signed, parts.Signature)) return null;
        try
        {
            using var document = JsonDocument.Parse(parts.Payload);
            var claims = document.RootElement;
            return Text(claims, "iss") is { } from && issuer.Accepts(from)
                && Text(claims, "sub") is { } subject && Text(claims, "aud") is { } audience
                ? new IdTokenHint(subject, audience, TimeOrderedId.Parse(Text(claims, "sid"))) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What an id token says of whom a client speaks.</summary>
/// <param name="Subject">The account, as <c>sub</c> names it.</param>
/// <param name="ClientId">The client that got it.</param>
/// <param name="SessionId">The client's session, where it is named.</param>
internal sealed record IdTokenHint(string Subject, string ClientId, long? SessionId);

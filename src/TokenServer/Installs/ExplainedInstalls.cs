using InstallLifecycle;
using TokenServer.Accounts.Explaining;
using TokenServer.Keys.Jose;
using TokenServer.Tokens;

namespace TokenServer.Installs;

/// <summary>What installs give out: precheck, install and server tokens, codes, receipts.</summary>
internal sealed class ExplainedInstalls(Lifecycle lifecycle, Blame blame) : IExplainedKind
{
    // A code is forgiven whatever stands in it.
    public bool Recognizes(string text) => true;

    public TokenFacts? Explain(string text)
    {
        if (JsonWebSignature.Parse(text) is { Type: IInstallReceipts.Type }) return Receipt(text);
        if (lifecycle.Explain(text) is not { } story) return null;
        var facts = new TokenFacts(story.Kind)
        {
            IsLookedUp = Lifecycle.Recognizes(text), Subject = story.Subject is { Length: > 0 } subject ? subject : null,
            ClientId = story.ClientId, IssuedAt = story.IssuedAt, ExpiresAt = story.ExpiresAt,
        };
        if (story.Check is not { } check) return facts;
        var act = story.Event is { } happened ? blame.Last(story.Target, happened) : null;
        return facts.Fails(check, story.Since ?? act?.Time, act?.Actor);
    }

    // It is good for years; what it says has happened may be over.
    private TokenFacts Receipt(string text)
    {
        var none = new TokenFacts(TokenKinds.Receipt);
        var reading = ReceiptVerification.Read(text, Encoding.UTF8.GetString(lifecycle.ReceiptKeys()));
        if (reading.KeyGivenUpAt is { } time)
            return none.Fails(Checks.SigningKey, time.UtcDateTime, blame.Last(null, "key.all_replaced")?.Actor);
        if (reading.Claims is not { } json) return none.Fails(Checks.Signature);
        using var document = JsonDocument.Parse(json);
        var claims = document.RootElement;
        return none with
        {
            Subject = claims.TryGetProperty("sub"u8, out var server) ? server.GetString() : claims.GetProperty("jti"u8).GetString(),
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty("iat"u8).GetInt64()).UtcDateTime,
        };
    }
}

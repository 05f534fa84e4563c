using Microsoft.IdentityModel.JsonWebTokens;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>Signed access tokens (RFC 9068): issued without a write, checked without a query.</summary>
internal sealed class AccessTokens
{
    public const string Type = "at+jwt";

    /// <summary>Characters of a token that is given out. Longer ones could not be shown: a proxy takes 8 KB for a header, its name and
    /// the scheme among them, and <see cref="JsonWebSignature"/> reads no more than that.</summary>
    public const int Longest = 7 * 1024;

    private const int ClockSkew = 60;
    // {"alg":"ES256","kid":"(43 characters)","typ":"at+jwt"} and 64 bytes in base64url, and the two dots.
    private const int HeaderAndSignature = 110 + 86 + 2;
    private static readonly JsonWebTokenHandler writer = new() { SetDefaultTimesOnTokenCreation = false };
    private static readonly Dictionary<string, object> header = new() { ["typ"] = Type };
    private readonly RememberedSignatures remembered = new();
    private readonly SignedTokenCount signed = new();
    private readonly KeyRing keys;
    private readonly Issuer issuer;
    private readonly LifetimesOptions lifetimes;
    private readonly TimeProvider clock;
    private volatile string? lastKey;

    public AccessTokens(KeyRing keys, Issuer issuer, LifetimesOptions lifetimes, TimeProvider clock)
    {
        (this.keys, this.issuer, this.lifetimes, this.clock) = (keys, issuer, lifetimes, clock);
        keys.Changed += remembered.Clear;
        keys.Changed += ForgetDead;
    }

    /// <summary>How many of those that this process signed have not expired, to the minute; some may be revoked.</summary>
    public long Unexpired => signed.After(clock.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>What an access token of <paramref name="session"/> says.</summary>
    public AccessToken Describe(Session session, long id, string iss, ScopeSet scopes, string[] audiences, TimeSpan lifetime) =>
        Describe(session.Client, id, iss, scopes, audiences, Within(session, lifetime)) with
        {
            Subject = session.AccountId.ToString(), SessionId = session.Id, Role = session.Role,
            AuthTime = new DateTimeOffset(session.AuthTime).ToUnixTimeSeconds(),
        };

    // No access token outlives its session.
    private TimeSpan Within(Session session, TimeSpan lifetime) =>
        session.StartedAt + lifetimes.Session - clock.GetUtcNow().UtcDateTime is var left && left < lifetime ? left : lifetime;

    /// <summary>What an access token of a client's own says.</summary>
    public AccessToken Describe(Client client, long id, string iss, ScopeSet scopes, string[] audiences, TimeSpan lifetime)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        return new()
        {
            Id = id, Issuer = iss, ClientId = client.ClientId, Subject = client.ClientId,
            Scope = scopes.ToString(), Audiences = audiences, IssuedAt = now, ExpiresAt = now + (long)lifetime.TotalSeconds,
        };
    }

    /// <summary>What the access token says that <paramref name="client"/> gets for another: it stands for whom that stood for, and ends
    /// with it at the latest.</summary>
    public AccessToken Describe(
        Client client, ExchangeResult.Granted granted, long id, string iss, ScopeSet scopes, string[] audiences, TimeSpan lifetime)
    {
        var (token, subject) = (Describe(client, id, iss, scopes, audiences, lifetime), granted.Subject);
        return token with
        {
            Subject = subject.Subject, SessionId = subject.SessionId, AuthTime = subject.AuthTime, Role = subject.Role,
            ExpiresAt = Math.Min(token.ExpiresAt, subject.ExpiresAt!.Value), Actor = granted.Actor, Exchanged = granted.Exchanged,
        };
    }

    /// <summary>How many characters <see cref="Sign"/> makes of <paramref name="token"/>.</summary>
    public static int LengthOf(AccessToken token) => HeaderAndSignature + Base64Url.GetEncodedLength(AccessTokenJson.Write(token).Length);

    /// <summary>Signs <paramref name="token"/> with the active ES256 key.</summary>
    public string Sign(AccessToken token)
    {
        string claims = Encoding.UTF8.GetString(AccessTokenJson.Write(token));
        var key = keys.Active(SigningKey.ES256);
        string text = writer.CreateToken(claims, key.Credentials, header);
        lastKey = key.KeyId;
        signed.Add(token.ExpiresAt);
        remembered.Remember(text);
        return text;
    }

    // A key that rotates stays for as long as its tokens; one that is gone was replaced, and they are dead.
    private void ForgetDead()
    {
        if (lastKey is { } key && keys.Find(key) is null) signed.Clear();
    }

    /// <summary>What <paramref name="text"/> says, if this server signed it as an access token; null otherwise.
    /// Times and revocation are not looked at.</summary>
    public AccessToken? Read(string text)
    {
        if (JsonWebSignature.Parse(text) is not { } parts || parts.Type != Type || parts.Algorithm != SigningKey.ES256) return null;
        // A key that is gone vouches for nothing, whatever was remembered while it went.
        if (keys.Find(parts.KeyId) is not { Algorithm: SigningKey.ES256 } key) return null;
        if (!remembered.Knows(text))
        {
            if (!key.Verify(parts.Signed, parts.Signature)) return null;
            remembered.Remember(text);
        }
        return AccessTokenJson.Read(parts.Payload) is { } token && issuer.Accepts(token.Issuer)
            && token.ExpiresAt - token.IssuedAt <= LifetimesOptions.LongestAccessToken.TotalSeconds ? token : null;
    }

    /// <summary>Whether its time is over.</summary>
    public bool HasExpired(AccessToken token) => token.ExpiresAt <= clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether now is within the token's times; a clock may be a minute ahead of ours.</summary>
    public bool IsCurrent(AccessToken token)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        return token.ExpiresAt > now && Math.Max(token.IssuedAt, token.NotBefore ?? 0) <= now + ClockSkew;
    }
}

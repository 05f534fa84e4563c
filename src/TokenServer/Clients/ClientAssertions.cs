using Microsoft.IdentityModel.Tokens;
using TokenServer.Keys.Jose;
using TokenServer.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Clients;

/// <summary>The assertions by which clients prove who they are (RFC 7523 section 3): signed by one of the client's keys, for this server,
/// for a short while, and each used once.</summary>
internal sealed class ClientAssertions(KnownClients clients, UsedIds used, TimeProvider clock)
{
    /// <summary>How far ahead the end of one may be: its <c>jti</c> is kept until then.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>How far a client's clock may be from ours.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private const int LongestId = 200;
    private static readonly string[] Types = ["", "JWT", "client-authentication+jwt"];

    /// <summary>What <paramref name="text"/> proves; null where it proves nothing. It is not used up by that.</summary>
    /// <param name="text">The assertion.</param>
    /// <param name="isOurs">Whether an audience is this server; all must be.</param>
    public ClientAssertion? Read(string text, Func<string, bool> isOurs)
    {
        if (JsonWebSignature.ParseForeign(text) is not { } parts || !Types.Contains(TypeOf(parts), StringComparer.OrdinalIgnoreCase)
            || AssertionClaims.Read(parts.Payload) is not { } claims || claims.Issuer != claims.Subject
            || clients.Find(claims.Issuer) is not { IsInternal: false, JsonWebKeys: { } keys } client
            || claims.Id.Length is 0 or > LongestId || claims.Audiences.Length == 0 || !claims.Audiences.All(isOurs)) return null;
        var (now, skew) = (clock.GetUtcNow().ToUnixTimeSeconds(), (long)ClockSkew.TotalSeconds);
        bool isNow = claims.ExpiresAt + skew > now && claims.ExpiresAt <= now + (long)Longest.TotalSeconds + skew
            && Math.Max(claims.IssuedAt ?? 0, claims.NotBefore ?? 0) <= now + skew;
        return isNow && keys.Keys.FirstOrDefault(key => Verifies(key, parts)) is { } key
            ? new(client, key, claims.Id, DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt + skew).UtcDateTime) : null;
    }

    /// <summary>Uses an assertion up; false where it was used before, here or on another replica.</summary>
    public Task<bool> UseAsync(ClientAssertion assertion) =>
        used.UseAsync("client_assertion", assertion.Client.ClientId, assertion.Id, assertion.Until);

    private static string TypeOf(JsonWebSignature.Parts parts) =>
        parts.Type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) ? parts.Type["application/".Length..] : parts.Type;

    // A key without a name may be any.
    private static bool Verifies(JsonWebKey key, JsonWebSignature.Parts parts)
    {
        if (parts.KeyId.Length > 0 && !string.IsNullOrEmpty(key.Kid) && key.Kid != parts.KeyId
            || parts.Signature.Length == 0) return false;
        SignatureProvider? provider = null;
        try
        {
            if (!ClientKeys.CanVerify(key, parts.Algorithm)) return false;
            provider = CryptoProviderFactory.Default.CreateForVerifying(key, parts.Algorithm);
            return provider.Verify(parts.Signed, parts.Signature);
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException or InvalidOperationException or ArgumentException
            or FormatException)
        {
            // A row that another application wrote may hold what is no key.
            return false;
        }
        finally
        {
            if (provider is not null) CryptoProviderFactory.Default.ReleaseSignatureProvider(provider);
        }
    }
}

/// <summary>What an assertion proves.</summary>
/// <param name="Client">Who made it, as it was registered then.</param>
/// <param name="Key">The key of the client's that signed it.</param>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="Until">When it is refused for its age, UTC.</param>
internal sealed record ClientAssertion(Client Client, JsonWebKey Key, string Id, DateTime Until)
{
    /// <summary>Whether it is one that <paramref name="client"/> may show.</summary>
    public bool IsTakenOf(Client client) => IsOf(client) && client.AuthMethod is (null or ClientAuthenticationMethods.PrivateKeyJwt);

    /// <summary>Whether it proves as much of <paramref name="client"/>, as that is registered now: its keys may have changed since the
    /// assertion was read.</summary>
    public bool IsOf(Client client) => Client.Id == client.Id && Client.Row.JsonWebKeySet == client.Row.JsonWebKeySet;
}

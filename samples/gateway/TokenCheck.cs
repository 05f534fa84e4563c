using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>Says whether an access token is good: signed, for this gateway, in its time (RFC 9068 section 4), and not revoked.</summary>
public sealed class TokenCheck(KeySet keys, RevokedTokens revoked, RevokedFeed feed, HttpClient http, GatewayOptions options,
    TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const long ClockSkew = 60;
    private const int LargestAnswer = 64 * 1024;

    /// <summary>What becomes of a request with this token.</summary>
    public async ValueTask<TokenVerdict> JudgeAsync(string token, CancellationToken ct)
    {
        JsonElement? read;
        try
        {
            read = await keys.ReadAsync(token, "at+jwt", isFromServer: false, ct);
        }
        catch (HttpRequestException)
        {
            return new(Verdict.Unknown, default);
        }
        if (read is not { } claims || !IsOurs(claims) || !IsNow(claims)) return new(Verdict.Invalid, default);
        return await JudgeAsync(token, claims, ct);
    }

    /// <summary>Whether a token whose claims were checked before is still good: at each packet of a connection, say.</summary>
    public async ValueTask<TokenVerdict> JudgeAsync(string token, JsonElement claims, CancellationToken ct)
    {
        if (!IsNow(claims)) return new(Verdict.Invalid, claims);
        // What is dead is dead, however old the news.
        if (revoked.IsDead(claims)) return new(Verdict.Revoked, claims);
        if (feed.IsFresh) return new(Verdict.Good, claims);
        return options.WhenStale == StaleFeed.Refuse ? new(Verdict.Unknown, claims) : new(await AskAsync(token, ct), claims);
    }

    private bool IsOurs(JsonElement claims) => KeySet.Text(claims, "iss") == options.Issuer && claims.TryGetProperty("aud", out var audience)
        && (audience.ValueKind == JsonValueKind.Array ? audience.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.String && a.ValueEquals(options.Audience))
            : audience.ValueKind == JsonValueKind.String && audience.ValueEquals(options.Audience));

    private bool IsNow(JsonElement claims)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        return Time(claims, "exp") is { } expires && expires > now && Time(claims, "iat") is { } began && began <= now + ClockSkew;
    }

    private static long? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var time) && time.ValueKind == JsonValueKind.Number && time.TryGetInt64(out long seconds) && seconds >= 0
            ? seconds : null;

    private async Task<Verdict> AskAsync(string token, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        string credentials = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Of("/connect/introspect"))
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))) },
        };
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode) return Verdict.Unknown;
            using var answer = JsonDocument.Parse(await Bounded.ReadAsync(response.Content, LargestAnswer, patience.Token));
            return answer.RootElement.GetProperty("active").GetBoolean() ? Verdict.Good : Verdict.Revoked;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException or KeyNotFoundException
            or InvalidOperationException
            || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return Verdict.Unknown;
        }
    }
}

/// <summary>What is known of a token.</summary>
public enum Verdict
{
    /// <summary>It is good.</summary>
    Good,

    /// <summary>It is none, or not for here, or its time is over.</summary>
    Invalid,

    /// <summary>It was ended before its time.</summary>
    Revoked,

    /// <summary>Nobody can say.</summary>
    Unknown,
}

/// <summary>A verdict, and what the token says where that is known.</summary>
public readonly record struct TokenVerdict(Verdict Verdict, JsonElement Claims);

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>Says whether an access token is good: signed, for this gateway, in its time (RFC 9068 section 4), and not revoked.</summary>
public sealed class TokenCheck(KeySet keys, RevokedTokens revoked, RevokedFeed feed, HttpClient http, GatewayOptions options,
    TimeProvider clock)
{
    private const string Type = "at+jwt";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const long ClockSkew = 60;
    private const int LargestAnswer = 64 * 1024;

    /// <summary>What becomes of a request with this token.</summary>
    public async ValueTask<TokenVerdict> JudgeAsync(string token, CancellationToken ct)
    {
        // As they are before the signature is looked at: others may come meanwhile.
        string mark = keys.Mark;
        JsonElement? read;
        try
        {
            read = await keys.ReadAsync(token, Type, isFromServer: false, ct);
        }
        catch (HttpRequestException)
        {
            return new(Verdict.Unknown, null);
        }
        if (read is not { } claims || !IsOurs(claims)) return new(Verdict.Invalid, null);
        var held = new HeldToken(token, claims, mark);
        return new(await JudgeAsync(held, ct), held);
    }

    /// <summary>Whether a token that was judged before is still good: at each packet of a connection, say, or each second. Its signature is
    /// looked at again where the keys are others: a replaced one may have signed it.</summary>
    public async ValueTask<Verdict> JudgeAsync(HeldToken held, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(held);
        string mark = keys.Mark;
        if (held.Keys != mark)
        {
            if (!keys.HaveSigned(held.Token, Type)) return Verdict.Invalid;
            held.Keys = mark;
        }
        if (!IsNow(held.Claims)) return Verdict.Invalid;
        // What is dead is dead, however old the news.
        if (revoked.IsDead(held.Claims)) return Verdict.Revoked;
        if (feed.IsFresh) return Verdict.Good;
        return options.WhenStale == StaleFeed.Refuse ? Verdict.Unknown : await AskAsync(held.Token, ct);
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

/// <summary>A verdict, and the token where the server signed it for here.</summary>
public readonly record struct TokenVerdict(Verdict Verdict, HeldToken? Token);

/// <summary>A token that something stays open by; what it says, and by which keys that was last looked at (<see cref="KeySet.Mark"/>).</summary>
public sealed class HeldToken(string token, JsonElement claims, string keys)
{
    public string Token => token;
    public JsonElement Claims => claims;
    internal string Keys { get; set; } = keys;
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>The server's published keys, fetched when one is met that is not known, at most every five seconds, and at once when the feed
/// says that there are others; and the check of an ES256 signature by them.</summary>
public sealed class KeySet(HttpClient http, GatewayOptions options, TimeProvider clock) : IDisposable
{
    private const int Largest = 256 * 1024;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromMinutes(15), Patience = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim fetching = new(1);
    private volatile Fetched last = new(new(), "", DateTimeOffset.MinValue);
    private DateTimeOffset failedAt = DateTimeOffset.MinValue;

    /// <summary>Which keys are here, as the feed says it: a hash of their names; empty before there are any.</summary>
    public string Mark => last.Mark;

    /// <summary>The claims of a compact JWS of this type, if one of the server's keys signed it; null where none did.</summary>
    /// <param name="token">The token.</param>
    /// <param name="type">Its <c>typ</c>.</param>
    /// <param name="isFromServer">Whether the server itself sent it: then a key that is not known is asked for, however lately that was
    /// done.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="HttpRequestException">The keys are not known, and cannot be had.</exception>
    public async ValueTask<JsonElement?> ReadAsync(string token, string type, bool isFromServer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (Parse(token, type) is not { } jws || await FindAsync(jws.KeyId, isFromServer, ct) is not { } key) return null;
        return IsSigned(jws, key) ? Decode(jws.Payload) : null;
    }

    /// <summary>Whether one of the keys that are here signed a compact JWS of this type. No others are asked for.</summary>
    public bool HaveSigned(string token, string type)
    {
        ArgumentNullException.ThrowIfNull(token);
        return Parse(token, type) is { } jws && last.Keys.TryGetValue(jws.KeyId, out var key) && IsSigned(jws, key);
    }

    /// <summary>Whether the keys here are those that the server publishes; they are fetched where they are not.</summary>
    /// <param name="mark">What the feed said of them (docs/operations.md of the server): a hash of their names. Null where it says nothing:
    /// then they are fetched anew after a quarter of an hour.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="HttpRequestException">They cannot be had.</exception>
    public async ValueTask<bool> AgreeAsync(string? mark, CancellationToken ct)
    {
        var before = last;
        if (mark is null ? clock.GetUtcNow() - before.At < Longest : before.Mark == mark) return true;
        await fetching.WaitAsync(ct);
        try
        {
            if (ReferenceEquals(last, before)) await FetchAsync(ct);
        }
        finally
        {
            fetching.Release();
        }
        return mark is null || last.Mark == mark;
    }

    /// <summary>A member that is a text; null where it is not.</summary>
    public static string? Text(JsonElement json, string name)
    {
        try
        {
            return json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text.
            return null;
        }
    }

    public void Dispose() => fetching.Dispose();

    private static Jws? Parse(string token, string type)
    {
        string[] parts = token.Split('.', 4);
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Text(header, "typ") != type || Text(header, "alg") != "ES256"
            || header.TryGetProperty("crit", out _) || Text(header, "kid") is not { } id) return null;
        return Bytes(parts[2]) is { Length: 64 } signature ? new(id, parts[0], parts[1], signature) : null;
    }

    private static bool IsSigned(Jws jws, ECDsa key)
    {
        // One thread at a time: a key of the framework's is not made for more.
        lock (key) return key.VerifyData(Encoding.ASCII.GetBytes($"{jws.Header}.{jws.Payload}"), jws.Signature, HashAlgorithmName.SHA256);
    }

    private async ValueTask<ECDsa?> FindAsync(string id, bool isFromServer, CancellationToken ct)
    {
        var before = last;
        if (before.Keys.TryGetValue(id, out var known)) return known;
        await fetching.WaitAsync(ct);
        try
        {
            // A server that does not answer is not asked by everybody who shows a token, and one that does not know a key neither.
            var now = clock.GetUtcNow();
            if (!isFromServer && now - failedAt < Least) throw new HttpRequestException("the keys could not be had a moment ago");
            if (ReferenceEquals(last, before) && (isFromServer || now - before.At >= Least)) await FetchAsync(ct);
        }
        finally
        {
            fetching.Release();
        }
        return last.Keys.GetValueOrDefault(id);
    }

    private async Task FetchAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        // What a cache kept may be what was replaced.
        using var request = new HttpRequestMessage(HttpMethod.Get, options.Of("/.well-known/jwks")) { Headers = { CacheControl = new() { NoCache = true } } };
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            response.EnsureSuccessStatusCode();
            last = Read(await Bounded.ReadAsync(response.Content, Largest, patience.Token));
            failedAt = DateTimeOffset.MinValue;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or FormatException or KeyNotFoundException
            or InvalidOperationException or CryptographicException or ArgumentException
            || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            failedAt = clock.GetUtcNow();
            throw new HttpRequestException("the keys cannot be had", e);
        }
    }

    private Fetched Read(byte[] json)
    {
        using var set = JsonDocument.Parse(json);
        var all = new Dictionary<string, ECDsa>(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var key in set.RootElement.GetProperty("keys").EnumerateArray())
        {
            if (Text(key, "kid") is not { } id) continue;
            names.Add(id);
            if (Text(key, "alg") == "ES256" && Text(key, "crv") == "P-256") all[id] = KeyOf(key);
        }
        string together = string.Concat(names.Order(StringComparer.Ordinal).Select(n => n + "\n"));
        return new(all, Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(together))), clock.GetUtcNow());
    }

    private static byte[]? Bytes(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static ECDsa KeyOf(JsonElement key) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64Url.DecodeFromChars(Text(key, "x")), Y = Base64Url.DecodeFromChars(Text(key, "y")) },
    });

    private static JsonElement? Decode(string part)
    {
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), new() { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The parts of a token, of which only the header was read.</summary>
    private sealed record Jws(string KeyId, string Header, string Payload, byte[] Signature);

    /// <summary>Keys as they were published.</summary>
    private sealed record Fetched(Dictionary<string, ECDsa> Keys, string Mark, DateTimeOffset At);
}

using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>The server's published keys, fetched when one is met that is not known, at most every five seconds, and anew after a quarter
/// of an hour; and the check of an ES256 signature by them.</summary>
public sealed class KeySet(HttpClient http, GatewayOptions options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromMinutes(15), Patience = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim fetching = new(1);
    private ConcurrentDictionary<string, ECDsa> keys = new();
    private DateTimeOffset fetchedAt, failedAt;

    /// <summary>The claims of a compact JWS of this type, if one of the server's keys signed it; null where none did.</summary>
    /// <exception cref="HttpRequestException">The keys are not known, and cannot be had.</exception>
    public async ValueTask<JsonElement?> ReadAsync(string token, string type, CancellationToken ct)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Text(header, "typ") != type || Text(header, "alg") != "ES256"
            || header.TryGetProperty("crit", out _) || Text(header, "kid") is not { } id) return null;
        var key = await FindAsync(id, ct);
        byte[] signature = new byte[64];
        if (key is null || !Base64Url.IsValid(parts[2]) || !Base64Url.TryDecodeFromChars(parts[2], signature, out int length) || length != signature.Length) return null;
        // One thread at a time: a key of the framework's is not made for more.
        lock (key)
            if (!key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256)) return null;
        return Decode(parts[1]);
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

    private async ValueTask<ECDsa?> FindAsync(string id, CancellationToken ct)
    {
        if (keys.TryGetValue(id, out var known) && clock.GetUtcNow() - fetchedAt < Longest) return known;
        await fetching.WaitAsync(ct);
        try
        {
            if (clock.GetUtcNow() - fetchedAt >= (keys.ContainsKey(id) ? Longest : Least)) await FetchAsync(ct);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException && keys.ContainsKey(id))
        {
            // The server is away. What is known goes on; what was revoked is the feed's to know.
        }
        finally
        {
            fetching.Release();
        }
        return keys.GetValueOrDefault(id);
    }

    // A server that does not answer is not asked by everybody who shows a token.
    private async Task FetchAsync(CancellationToken ct)
    {
        if (clock.GetUtcNow() - failedAt < Least) throw new HttpRequestException("the keys could not be had a moment ago");
        string text;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            text = await http.GetStringAsync(options.Of("/.well-known/jwks"), patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            failedAt = clock.GetUtcNow();
            throw new HttpRequestException("the keys cannot be had", e);
        }
        using var set = JsonDocument.Parse(text);
        var all = new ConcurrentDictionary<string, ECDsa>();
        foreach (var key in set.RootElement.GetProperty("keys").EnumerateArray())
            if (Text(key, "alg") == "ES256" && Text(key, "crv") == "P-256") all[Text(key, "kid")!] = KeyOf(key);
        (keys, fetchedAt) = (all, clock.GetUtcNow());
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
}

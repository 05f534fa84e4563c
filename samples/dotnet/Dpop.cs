using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample;

/// <summary>Proofs of a key (DPoP, RFC 9449): made for requests that go, checked for requests that come. ES256 and the framework alone; copy
/// this file.</summary>
public sealed class Dpop : IDisposable
{
    /// <summary>How far a proof's time may be from now.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly ECDsa key;
    private readonly Dictionary<string, string> nonces = [];
    private readonly TimeProvider clock;

    /// <summary>With a key of its own, or one that was kept: a refresh token of a public client is good with the same key alone.</summary>
    public Dpop(ECDsa? key = null, TimeProvider? clock = null)
    {
        (this.key, this.clock) = (key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256), clock ?? TimeProvider.System);
        var point = this.key.ExportParameters(false).Q;
        Jwk = new() { ["crv"] = "P-256", ["kty"] = "EC", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    /// <summary>The public key.</summary>
    public SortedDictionary<string, string> Jwk { get; }

    /// <summary>What a token that is bound to the key says of it: <c>cnf.jkt</c> (RFC 7638). Also the value of <c>dpop_jkt</c>.</summary>
    public string Thumbprint => ThumbprintOf(Jwk["x"], Jwk["y"]);

    /// <summary>The value of the DPoP header of one request; a second request needs another.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="address">Its address; query and fragment are no part of it.</param>
    /// <param name="accessToken">The token that goes along; null where one is asked for.</param>
    public string Prove(string method, Uri address, string? accessToken = null)
    {
        nonces.TryGetValue(address.GetLeftPart(UriPartial.Authority), out string? nonce);
        var claims = new Dictionary<string, object>
        {
            ["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)), ["htm"] = method, ["htu"] = address.GetLeftPart(UriPartial.Path),
            ["iat"] = clock.GetUtcNow().ToUnixTimeSeconds(),
        };
        if (accessToken is not null) claims["ath"] = Hash(accessToken);
        if (nonce is not null) claims["nonce"] = nonce;
        string signed = Part(new { typ = "dpop+jwt", alg = "ES256", jwk = Jwk }) + "." + Part(claims);
        return signed + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256));
    }

    /// <summary>Sends a request with a proof, by the scheme DPoP where there is a token; once more where the server wants its nonce signed.</summary>
    /// <param name="http">Sends it.</param>
    /// <param name="make">Makes it; twice at most.</param>
    /// <param name="accessToken">The token that goes along.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpClient http, Func<HttpRequestMessage> make, string? accessToken = null)
    {
        for (int attempt = 1; ; attempt++)
        {
            using var request = make();
            var address = request.RequestUri!.IsAbsoluteUri ? request.RequestUri : new Uri(http.BaseAddress!, request.RequestUri);
            request.Headers.Add("DPoP", Prove(request.Method.Method, address, accessToken));
            if (accessToken is not null) request.Headers.Authorization = new("DPoP", accessToken);
            var response = await http.SendAsync(request);
            bool isGiven = response.Headers.TryGetValues("DPoP-Nonce", out var given);
            if (isGiven) nonces[address.GetLeftPart(UriPartial.Authority)] = given!.First();
            if (!isGiven || attempt == 2 || !await WantsNonceAsync(response)) return response;
            response.Dispose();
        }
    }

    /// <summary>Checks the proof of a request (RFC 9449 section 4.3) whose access token has been checked by itself.</summary>
    /// <param name="proof">The one DPoP header.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="address">The address that the client called.</param>
    /// <param name="accessToken">The token beside it, shown by the scheme DPoP.</param>
    /// <param name="thumbprint">The token's <c>cnf.jkt</c>.</param>
    /// <param name="isFirst">Notes an id until a time, on all replicas; false where it was noted before.</param>
    /// <param name="clock">What tells the time.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    public static string? Check(string proof, string method, Uri address, string accessToken, string thumbprint,
        Func<string, DateTimeOffset, bool> isFirst, TimeProvider? clock = null)
    {
        try
        {
            string[] parts = proof.Split('.');
            if (parts.Length != 3) return "it is no JWT";
            JsonElement header = Read(parts[0]), claims = Read(parts[1]), jwk = header.GetProperty("jwk");
            if (Text(header, "typ") != "dpop+jwt" || Text(header, "alg") != "ES256") return "its typ or alg is another";
            if (header.TryGetProperty("crit", out _)) return "it demands what is not understood here";
            if (Text(jwk, "kty") != "EC" || Text(jwk, "crv") != "P-256" || jwk.TryGetProperty("d", out _)) return "its jwk is no public P-256 key";
            string x = jwk.GetProperty("x").GetString()!, y = jwk.GetProperty("y").GetString()!;
            var point = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) };
            using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
            byte[] signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
            if (!ec.VerifyData(signed, Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256)) return "its signature does not hold";
            if (Text(claims, "htm") != method) return "its htm is another method";
            if (!IsSame(new Uri(claims.GetProperty("htu").GetString()!), address)) return "its htu is another address";
            if (Text(claims, "ath") != Hash(accessToken)) return "its ath is another token's";
            if (ThumbprintOf(x, y) != thumbprint) return "its key is another than the token's";
            var made = DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty("iat").GetInt64());
            if (((clock ?? TimeProvider.System).GetUtcNow() - made).Duration() > Window) return "its iat is not now";
            if (Text(claims, "jti") is not { Length: > 0 and <= 200 } jti) return "it has no jti";
            return isFirst($"{thumbprint} {jti}", made + Window) ? null : "it was used before";
        }
        catch (Exception e) when (e is JsonException or FormatException or CryptographicException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return "it is not well-formed";
        }
    }

    public void Dispose() => key.Dispose();

    private static async Task<bool> WantsNonceAsync(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => response.Headers.WwwAuthenticate.ToString().Contains("use_dpop_nonce", StringComparison.Ordinal),
        HttpStatusCode.BadRequest => (await response.Content.ReadAsStringAsync()).Contains("use_dpop_nonce", StringComparison.Ordinal),
        _ => false,
    };

    // Uri has normalized both; a user's name is part of neither.
    private static bool IsSame(Uri one, Uri other) => one.UserInfo.Length == 0
        && one.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        == other.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string ThumbprintOf(string x, string y) => Hash($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""");

    private static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private static string Part(object members) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(members));

    private static string? Text(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.GetString() : null;

    private static JsonElement Read(string part) => 
        JsonDocument.Parse(Base64Url.DecodeFromChars(part), new JsonDocumentOptions { AllowDuplicateProperties = false }).RootElement;
}

using Microsoft.IdentityModel.Tokens;
using TokenServer.Keys.Jose;
using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>The keys that a client signs its assertions with: a JWK Set (RFC 7517 section 5) of public keys that can sign, as RFC 7518 has
/// them; what else a set says is dropped.</summary>
internal static class ClientKeys
{
    /// <summary>Keys of one client: those in use, those that follow, those of several machines.</summary>
    public const int Most = 10;

    private const int SmallestRsa = 2_048, LargestRsa = 8_192, LongestKeyId = 200, LongestSet = 64 * 1024;
    private static readonly string[] Members = ["kty", "kid", "use", "alg", "crv", "x", "y", "n", "e"],
        SecretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    private static readonly Dictionary<string, (ECCurve Curve, int Size, string Algorithm)> Curves = new(StringComparer.Ordinal)
    {
        ["P-256"] = (ECCurve.NamedCurves.nistP256, 32, SecurityAlgorithms.EcdsaSha256),
        ["P-384"] = (ECCurve.NamedCurves.nistP384, 48, SecurityAlgorithms.EcdsaSha384),
        ["P-521"] = (ECCurve.NamedCurves.nistP521, 66, SecurityAlgorithms.EcdsaSha512),
    };
    private static readonly string[] RsaAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    /// <summary>Every algorithm that an assertion may be signed with (RFC 7518 section 3.1), the commonest first.</summary>
    public static readonly IReadOnlyList<string> Algorithms = [.. Curves.Values.Select(c => c.Algorithm), .. RsaAlgorithms];

    /// <summary>Whether <paramref name="key"/> can have made a signature of this algorithm; it may be of a row that somebody else
    /// wrote.</summary>
    public static bool CanVerify(JsonWebKey key, string algorithm)
    {
        if (!string.IsNullOrEmpty(key.Alg) && key.Alg != algorithm || !string.IsNullOrEmpty(key.Use) && key.Use != "sig") return false;
        return key.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.EllipticCurve => Curves.TryGetValue(key.Crv ?? "", out var curve) && curve.Algorithm == algorithm,
            JsonWebAlgorithmsKeyTypes.RSA => RsaAlgorithms.Contains(algorithm) && key.KeySize is >= SmallestRsa and <= LargestRsa,
            Ed25519Provider.KeyType => key.Crv == Ed25519Provider.Name && Ed25519Provider.Names.Contains(algorithm),
            _ => false,
        };
    }

    /// <summary>What is wrong with a set, naming <c>jwks</c>; null where nothing is.</summary>
    public static string? ProblemOf(JsonElement set)
    {
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
            return "jwks must be a JWK Set: an object with the array keys";
        if (keys.GetArrayLength() is 0 or > Most) return $"jwks must have 1 to {Most} keys";
        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (var key in keys.EnumerateArray())
        {
            if (ProblemOfClientKey(key) is { } problem) return $"jwks.keys[{i}] {problem}";
            if (Text(key, "kid") is { } kid && !names.Add(kid)) return $"jwks.keys[{i}] has a kid that another has";
            i++;
        }
        return null;
    }

    /// <summary>A set that has no problem, as it is stored: its keys alone, their members in one order.</summary>
    public static string TextOf(JsonElement set)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (var key in set.GetProperty("keys").EnumerateArray()) Write(key, json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>A key that has no problem as IdentityModel has it, of the members that were looked at and no others: it would take a key
    /// from <c>x5c</c>, and a member for another whose case is wrong.</summary>
    public static JsonWebKey KeyOf(JsonElement key)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) Write(key, json);
        return JsonWebKey.Create(Encoding.UTF8.GetString(stream.ToArray()));
    }

    /// <summary>The keys of a row, which another application may have written: those that have no problem, <see cref="Most"/> at most.
    /// None of a text that is no set, or longer than any of ours.</summary>
    public static JsonWebKeySet OfRow(string text)
    {
        var keys = new JsonWebKeySet();
        if (text.Length > LongestSet || OfText(text) is not { ValueKind: JsonValueKind.Object } set
            || !set.TryGetProperty("keys", out var listed) || listed.ValueKind != JsonValueKind.Array) return keys;
        foreach (var key in listed.EnumerateArray().Where(k => ProblemOfClientKey(k) is null).Take(Most)) keys.Keys.Add(KeyOf(key));
        return keys;
    }

    private static void Write(JsonElement key, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (string member in Members)
            if (Text(key, member) is { } text) json.WriteString(member, text);
        json.WriteEndObject();
    }

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonElement Read(string text)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        return document.RootElement.Clone();
    }

    /// <summary>The set that somebody wrote; what is no JSON is a text, which <see cref="ProblemOf"/> names.</summary>
    public static JsonElement OfText(string text)
    {
        try
        {
            return Read(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text, StorageJson.Default.String);
        }
    }

    /// <summary>Whether two stored sets say the same.</summary>
    public static bool IsSame(string? one, string? other) => one == other
        || one is not null && other is not null && OfText(one) is var a && OfText(other) is var b
        && ProblemOf(a) is null && ProblemOf(b) is null && TextOf(a) == TextOf(b);

    /// <summary>The RFC 7638 thumbprints of a set's keys.</summary>
    public static IEnumerable<string> ThumbprintsOf(JsonElement set) => ProblemOf(set) is not null ? []
        : JsonWebKeySet.Create(TextOf(set)).Keys.Select(ThumbprintOf);

    /// <summary>The RFC 7638 SHA-256 thumbprint of a key, base64url; RFC 8037 section 2 for what IdentityModel does not know.</summary>
    public static string ThumbprintOf(JsonWebKey key) => Base64UrlEncoder.Encode(key.Kty == Ed25519Provider.KeyType
        ? SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"{{key.Crv}}","kty":"{{key.Kty}}","x":"{{key.X}}"}"""))
        : key.ComputeJwkThumbprint());

    // OpenIddict registers no client whose keys are of another kind.
    private static string? ProblemOfClientKey(JsonElement key) => key.ValueKind == JsonValueKind.Object
        && Text(key, "kty") == Ed25519Provider.KeyType ? "has a kty other than RSA and EC" : ProblemOfKey(key);

    /// <summary>What is wrong with one public key, as the end of a sentence; null where nothing is.</summary>
    public static string? ProblemOfKey(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object) return "is no object";
        if (SecretMembers.FirstOrDefault(m => key.TryGetProperty(m, out _)) is { } secret)
            return $"has {secret}, which is secret: public keys only";
        if (Members.FirstOrDefault(m => key.TryGetProperty(m, out var value) && value.ValueKind != JsonValueKind.String) is { } wrong)
            return $"has a {wrong} that is no text";
        if (Text(key, "kid") is { } kid && (kid.Length is 0 or > LongestKeyId || kid.Any(char.IsControl)))
            return $"has a kid that is not 1 to {LongestKeyId} characters without control characters";
        if (Text(key, "use") is not (null or "sig")) return "has a use other than sig";
        return Text(key, "kty") switch
        {
            "RSA" => RsaProblem(key),
            "EC" => CurveProblem(key),
            Ed25519Provider.KeyType => Ed25519Problem(key),
            _ => "has a kty other than RSA, EC and OKP",
        };
    }

    private static string? RsaProblem(JsonElement key)
    {
        if (Text(key, "alg") is { } algorithm && !RsaAlgorithms.Contains(algorithm))
            return "has an alg that is no RSA signature's";
        // As few bytes as they take (RFC 7518 sections 6.3.1 and 2): else one key had several thumbprints, and e=1 another spelling.
        if (Bytes(key, "n") is not [not 0, ..] modulus || Bytes(key, "e") is not ([not 0, ..] and { Length: <= 4 } exponent))
            return "has no n and e of an RSA key";
        if (exponent is [1] || (exponent[^1] & 1) == 0) return "has no n and e of an RSA key";
        int bits = modulus.Length * 8 - int.LeadingZeroCount(modulus[0]) + 24;
        if (bits is < SmallestRsa or > LargestRsa) return $"is an RSA key of other than {SmallestRsa:N0} to {LargestRsa:N0} bits";
        return IsImported(() => RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent }))
            ? null : "is no RSA key";
    }

    private static string? CurveProblem(JsonElement key)
    {
        if (Text(key, "crv") is not { } name || !Curves.TryGetValue(name, out var curve))
            return $"has a crv other than {string.Join(", ", Curves.Keys)}";
        if (Text(key, "alg") is { } algorithm && algorithm != curve.Algorithm) return $"has an alg other than {curve.Algorithm}";
        if (Bytes(key, "x") is not { } x || Bytes(key, "y") is not { } y || x.Length != curve.Size || y.Length != curve.Size)
            return $"has no x and y of {curve.Size} bytes";
        return IsImported(() => ECDsa.Create(new ECParameters { Curve = curve.Curve, Q = new ECPoint { X = x, Y = y } }))
            ? null : $"is no point of {name}";
    }

    private static string? Ed25519Problem(JsonElement key)
    {
        if (Text(key, "crv") != Ed25519Provider.Name) return $"has a crv other than {Ed25519Provider.Name}";
        if (Text(key, "alg") is { } algorithm && !Ed25519Provider.Names.Contains(algorithm))
            return $"has an alg other than {string.Join(" and ", Ed25519Provider.Names)}";
        return Bytes(key, "x") is { Length: Ed25519Provider.KeySize } x && Ed25519Provider.IsKey(x)
            ? null : $"has no x of {Ed25519Provider.KeySize} bytes";
    }

    private static bool IsImported(Func<AsymmetricAlgorithm> import)
    {
        try
        {
            using var key = import();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string? Text(JsonElement key, string member) =>
        key.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Bytes(JsonElement key, string member)
    {
        // To the letter (RFC 7515 section 2): no blanks, no padding.
        if (Text(key, member) is not { } text || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))) return null;
        byte[] bytes = new byte[text.Length];
        return System.Buffers.Text.Base64Url.IsValid(text) && System.Buffers.Text.Base64Url.TryDecodeFromChars(text, bytes, out int length)
            ? bytes[..length] : null;
    }
}

using System.Text.Json;
using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>The secret that a client had before, which goes on beside the new one until a given moment (docs/decisions/0042): a property
/// of its row.</summary>
/// <param name="Hash">Its PBKDF2 hash.</param>
/// <param name="EndsAt">From when on it is refused, UTC.</param>
internal sealed record OldSecret(string Hash, DateTime EndsAt)
{
    /// <summary>The longest that a secret goes on beside the next one.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>What <see cref="Longest"/> is in the words of whoever asked for more, or for less than nothing.</summary>
    public const string TooLong = "an old secret goes on for 30 days (2592000 seconds) at most";

    private const string HashOf = "hash", Until = "until", Beside = "beside";

    /// <summary>Whether a secret may be kept for that long; zero is not at all.</summary>
    public static bool MayGoOnFor(TimeSpan time) => time >= TimeSpan.Zero && time <= Longest;

    /// <summary>Its end to the second, as the answers write times.</summary>
    public string EndText => $"{EndsAt:s}Z";

    /// <summary>Whether it is still taken.</summary>
    public bool IsAlive(DateTime now) => now < EndsAt;

    /// <summary>The old secret of a row whose secret's hash is <paramref name="current"/>; null where there is none. Whoever sets another
    /// secret, an import or an application of OpenIddict's, ends the one that was kept beside the last.</summary>
    public static OldSecret? Read(IReadOnlyDictionary<string, JsonElement> properties, string? current) =>
        current is not null && properties.TryGetValue(ClientColumns.OldSecret, out var kept) && kept.ValueKind == JsonValueKind.Object
        && Text(kept, Beside) == Mark(current) && Text(kept, HashOf) is { } hash
        && DateTime.TryParse(Text(kept, Until), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var until)
            ? new(hash, until.ToUniversalTime()) : null;

    /// <summary>What a row keeps of it, beside the secret of the hash <paramref name="current"/>.</summary>
    public JsonElement Write(string current) => JsonSerializer.SerializeToElement(new Dictionary<string, string>
        { [HashOf] = Hash, [Until] = EndsAt.ToString("O"), [Beside] = Mark(current) }, StorageJson.Default.DictionaryStringString);

    private static string Mark(string hash) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(hash)));

    private static string? Text(JsonElement members, string name) =>
        members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

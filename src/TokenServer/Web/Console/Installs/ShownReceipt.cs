using TokenServer.Foundation;

namespace TokenServer.Web.Console.Installs;

/// <summary>A receipt of this server's own, as a page shows it.</summary>
internal sealed record ShownReceipt(string ActivationId, string Receipt)
{
    /// <summary>Its claims in the order in which they stand, those of the machine among them.</summary>
    public IReadOnlyList<(string Name, string Value)> Claims()
    {
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(Receipt.Split('.')[1]));
        return [.. claims.RootElement.EnumerateObject().SelectMany(Flat)];
    }

    private static IEnumerable<(string, string)> Flat(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Object
        ? member.Value.EnumerateObject().SelectMany(Flat)
        : [(member.Name, member.NameEquals("iat"u8) ? Timestamps.Of(DateTimeOffset.FromUnixTimeSeconds(member.Value.GetInt64()).UtcDateTime)
            : member.Value.ToString())];
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace TokenServer.Tests.Support;

/// <summary>Compares answers of the faces with what the contract shows, member by member: names, types, literal texts, kinds of token.</summary>
internal static partial class Shape
{
    private const string Base64Url = "[A-Za-z0-9_-]";
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["<jwt>"] = $@"^eyJ{Base64Url}+\.eyJ{Base64Url}+\.{Base64Url}+$",
        ["<refresh>"] = $"^rt_{Base64Url}{{43}}$",
        ["<temp>"] = $"^temp_{Base64Url}{{43}}$",
        ["<tunnel>"] = $"^tt_{Base64Url}{{43}}$",
        ["<hint>"] = @"^tt_\.\.\.\S{4}$",
        ["<key>"] = "^sk_live_[0-9A-Za-z]{24}$",
        ["<key id>"] = "^key_[0-9A-Za-z_-]+$",
        ["<pin>"] = "^[0-9a-f]{64}$",
        ["<text>"] = "^.+$",
    };

    /// <summary>Asserts status, the headers of every JSON answer, and a body of the members of <paramref name="shape"/> and no others: a text in angle brackets stands for any of its kind, one in slashes is a pattern.</summary>
    public static void ShouldBe(this Answer answer, int status, string shape)
    {
        answer.Status.Should().Be(status, "the body is {0}", answer.Body);
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        Compare(answer.Json, JsonDocument.Parse(shape).RootElement, "$", answer.Body);
    }

    /// <summary>Asserts an error of InTunnel or VPN Enterprise.</summary>
    public static void ShouldFail(this Answer answer, int status, string error) => answer.ShouldBe(status, $$"""{"success":false,"error":{{JsonSerializer.Serialize(error)}}}""");

    /// <summary>Asserts an error of the PIN or the Account face.</summary>
    public static void ShouldFailPlainly(this Answer answer, int status, string error) => answer.ShouldBe(status, $$"""{"error":{{JsonSerializer.Serialize(error)}}}""");

    /// <summary>Asserts an answer without a body.</summary>
    public static void ShouldBeEmpty(this Answer answer, int status) => (answer.Status, answer.Body, answer.ContentHeaders.ContentType).Should().Be((status, "", null));

    private static void Compare(JsonElement actual, JsonElement shape, string path, string body)
    {
        if (shape.ValueKind == JsonValueKind.String && Pattern(shape.GetString()!) is { } pattern)
        {
            actual.ValueKind.Should().Be(JsonValueKind.String, "{0} of {1}", path, body);
            actual.GetString().Should().MatchRegex(pattern, "{0} of {1}", path, body);
            return;
        }
        actual.ValueKind.Should().Be(shape.ValueKind, "{0} of {1}", path, body);
        switch (shape.ValueKind)
        {
            case JsonValueKind.Object:
                actual.Names().Should().BeEquivalentTo(shape.Names(), "{0} of {1}", path, body);
                foreach (var member in shape.EnumerateObject()) Compare(actual.GetProperty(member.Name), member.Value, $"{path}.{member.Name}", body);
                break;
            case JsonValueKind.Array:
                actual.GetArrayLength().Should().Be(shape.GetArrayLength(), "{0} of {1}", path, body);
                for (int i = 0; i < shape.GetArrayLength(); i++) Compare(actual[i], shape[i], $"{path}[{i}]", body);
                break;
            default:
                actual.ToString().Should().Be(shape.ToString(), "{0} of {1}", path, body);
                break;
        }
    }

    private static string? Pattern(string text) => Kinds.TryGetValue(text, out string? kind) ? kind : Slashes().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("^/(.*)/$")]
    private static partial Regex Slashes();
}

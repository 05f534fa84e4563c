using System.Text.Json;
using System.Text.RegularExpressions;

namespace InstallLifecycle.Tests.Support;

/// <summary>Compares answers with what the contract shows, member by member: names, types, literal texts, kinds of token.</summary>
internal static class Shape
{
    private const string Base64Url = "[A-Za-z0-9_-]";
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["<jwt>"] = $@"^eyJhbGciOiJIUzI1NiIs{Base64Url}+\.eyJ{Base64Url}+\.{Base64Url}{{43}}$",
        ["<receipt>"] = $@"^eyJ{Base64Url}+\.eyJ{Base64Url}+\.{Base64Url}{{86}}$",
        ["<checkin key>"] = $"^ck_{Base64Url}{{43}}$",
        ["<challenge>"] = $"^{Base64Url}{{43}}$",
        ["<code>"] = "^IPT-SD(-[0-9A-HJKMNP-TV-Z]{6}){3}$",
        ["<hint>"] = @"^IPT-SD-[0-9A-HJKMNP-TV-Z]{4}\.\.\.[0-9A-HJKMNP-TV-Z]{6}$",
        ["<activation>"] = "^act_[0-9a-f]{16}$",
        ["<server>"] = "^srv_[0-9a-f]{16}$",
        ["<server token>"] = $"^st_{Base64Url}{{43}}$",
        ["<text>"] = "^.+$",
    };

    /// <summary>Asserts status, the headers of every answer, and a body of the members of <paramref name="shape"/> and no others: a text in angle brackets stands for any of its kind.</summary>
    public static void ShouldBe(this Answer answer, int status, string shape)
    {
        answer.Status.Should().Be(status, "the body is {0}", answer.Body);
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        Compare(answer.Json, JsonDocument.Parse(shape).RootElement, "$", answer.Body);
    }

    /// <summary>Asserts an error in the envelope of /api/v2.</summary>
    public static void ShouldFail(this Answer answer, int status, string code, string message = "<text>") =>
        answer.ShouldBe(status, JsonSerializer.Serialize(new { error = new { code, message } }));

    /// <summary>Asserts a 400 that names <paramref name="field"/>.</summary>
    public static void ShouldName(this Answer answer, string field)
    {
        answer.ShouldFail(400, "invalid_request");
        answer.Json.GetProperty("error").Text("message").Should().Contain($"'{field}'");
    }

    /// <summary>Asserts an error of the main stack.</summary>
    public static void ShouldFailFlatly(this Answer answer, int status, string code) => answer.ShouldBe(status, $$"""{"error":"{{code}}"}""");

    private static void Compare(JsonElement actual, JsonElement shape, string path, string body)
    {
        if (shape.ValueKind == JsonValueKind.String && Kinds.TryGetValue(shape.GetString()!, out string? pattern))
        {
            actual.ValueKind.Should().Be(JsonValueKind.String, "{0} of {1}", path, body);
            Regex.IsMatch(actual.GetString()!, pattern).Should().BeTrue("{0} of {1} is {2}", path, body, shape.GetString());
            return;
        }
        actual.ValueKind.Should().Be(shape.ValueKind, "{0} of {1}", path, body);
        if (shape.ValueKind != JsonValueKind.Object)
        {
            actual.ToString().Should().Be(shape.ToString(), "{0} of {1}", path, body);
            return;
        }
        actual.EnumerateObject().Select(m => m.Name).Should().BeEquivalentTo(shape.EnumerateObject().Select(m => m.Name), "{0} of {1}", path, body);
        foreach (var member in shape.EnumerateObject()) Compare(actual.GetProperty(member.Name), member.Value, $"{path}.{member.Name}", body);
    }
}

using System.Text.Json.Nodes;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Fields;

/// <summary>Every field of every request (contract section 5, "Fields"): the first problem is told and names the field.</summary>
public sealed class FieldTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Bad = "invalid_request";
    private static readonly string[] Steps = ["precheck", "activate", "confirm", "release", "register"];

    // What each step's fields are called; a release's token may be left out.
    private static readonly Dictionary<string, string[]> Required = new()
    {
        ["precheck"] = ["install_code", "machine_id", "ssh_fingerprint", "product", "installer_version"],
        ["activate"] = ["install_code", "precheck_token", "hostname", "public_ip", "machine_id", "ssh_fingerprint", "requested_ref", "installer_version"],
        ["confirm"] = ["activation_id", "install_token"], ["release"] = ["activation_id"],
        ["register"] = ["install_token", "machine_id", "ssh_fingerprint", "hostname", "public_ip", "agent_version"],
    };

    private readonly TestHost host = shared.Host;

    public static TheoryData<string, string> Fields()
    {
        var data = new TheoryData<string, string>();
        foreach (string step in Steps)
            foreach (string field in Required[step]) data.Add(step, field);
        return data;
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_is_missing_is_named(string step, string field) => await ShouldNameAsync(step, field, body => body.Remove(field));

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_is_null_is_named(string step, string field) => await ShouldNameAsync(step, field, body => body[field] = null);

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_is_empty_is_named(string step, string field) => await ShouldNameAsync(step, field, body => body[field] = "");

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_of_another_type_is_named(string step, string field)
    {
        foreach (string value in (string[])["1", "1.5", "true", "[]", "[\"x\"]", "{}", "{\"a\":1}"]) await ShouldNameAsync(step, field, body => body[field] = JsonNode.Parse(value));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_is_too_long_is_named(string step, string field) => await ShouldNameAsync(step, field, body => body[field] = new string('a', 5000));

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_with_a_NUL_is_named(string step, string field) => await ShouldNameAsync(step, field, body => body[field] = body[field]! + "\0");

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_comes_twice_is_named(string step, string field) => await ShouldNameAsync(step, field, _ => { }, json => json.Insert(1, $"\"{field}\":\"x\","));

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_is_no_Unicode_is_named(string step, string field)
    {
        foreach (string escape in (string[])["\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x"])
            await ShouldNameAsync(step, field, body => body.Remove(field), json => json.Insert(1, $"\"{field}\":\"{escape}\","));
    }

    [Theory]
    [InlineData("precheck")]
    [InlineData("activate")]
    [InlineData("confirm")]
    [InlineData("release")]
    [InlineData("register")]
    public async Task Members_that_are_unknown_are_ignored(string step)
    {
        var (path, body) = await BodyAsync(step);
        (body["unknown"], body["Product"], body["nested"]) = ("x", 1, JsonNode.Parse("""{"a":[{"b":null}]}"""));
        (await host.PostAsync(path, body.ToJsonString())).Status.Should().BeOneOf(200, 201);
    }

    [Fact]
    public async Task Members_are_known_by_their_exact_names() => await ShouldNameAsync("precheck", "machine_id", body =>
    {
        body["Machine_Id"] = body["machine_id"]!.DeepClone();
        body.Remove("machine_id");
    });

    [Fact]
    public async Task What_a_stranger_typed_is_not_said_back()
    {
        var answer = await host.PostAsync($"{Requests.V2}/install/precheck", """{"<script>":{"x":"\ud800"},"machine_id":["<b>"],"install_code":"<i>"}""");
        answer.ShouldFail(400, Bad);
        answer.Body.Should().NotContain("script").And.NotContain("<b>").And.NotContain("<i>");
    }

    [Theory]
    [InlineData("precheck")]
    [InlineData("activate")]
    public async Task The_first_of_several_problems_is_told(string step) => await ShouldNameAsync(step, Required[step][0], body => Required[step].ToList().ForEach(f => body.Remove(f)));

    [Theory]
    [InlineData("slowdn")]
    [InlineData("SlowDNS")]
    [InlineData(" slowdns")]
    [InlineData("other")]
    public async Task Another_product_is_not_supported(string product)
    {
        var (path, body) = await BodyAsync("precheck");
        body["product"] = product;
        (await host.PostAsync(path, body.ToJsonString())).ShouldFail(422, "product_not_supported");
    }

    [Fact]
    public async Task A_bad_field_comes_before_a_product_and_a_product_before_the_code()
    {
        var (path, body) = await BodyAsync("precheck");
        (body["product"], body["install_code"]) = ("other", "no code");
        (await host.PostAsync(path, body.ToJsonString())).ShouldFail(422, "product_not_supported");
        body["installer_version"] = new string('1', 33);
        (await host.PostAsync(path, body.ToJsonString())).ShouldName("installer_version");
    }

    [Theory]
    [InlineData("precheck", "installer_version")]
    [InlineData("activate", "installer_version")]
    [InlineData("register", "agent_version")]
    public async Task A_version_has_at_most_32_characters(string step, string field)
    {
        var (path, body) = await BodyAsync(step);
        body[field] = new string('1', 32);
        (await host.PostAsync(path, body.ToJsonString())).Status.Should().BeOneOf(200, 201);
        await ShouldNameAsync(step, field, b => b[field] = new string('1', 33));
        await ShouldNameAsync(step, field, b => b[field] = "1\n2");
    }

    [Fact]
    public async Task A_release_may_show_its_token_which_must_then_be_a_text()
    {
        await ShouldNameAsync("release", "install_token", body => body["install_token"] = 1);
        await ShouldNameAsync("release", "install_token", body => body["install_token"] = new string('a', 5000));
        var install = await host.ActivatedAsync();
        (await host.PostAsync($"{Requests.V2}/install/release", new { activation_id = install.ActivationId, install_token = install.InstallToken })).Outcome.Should().Be("200");
    }

    private Task ShouldNameAsync(string step, string field, Action<JsonObject> change) => ShouldNameAsync(step, field, change, text => text);

    private async Task ShouldNameAsync(string step, string field, Action<JsonObject> change, Func<string, string> changeText)
    {
        var (path, body) = await BodyAsync(step);
        change(body);
        var answer = await host.PostAsync(path, changeText(body.ToJsonString()));
        if (step == "register") answer.ShouldFailFlatly(400, Bad);
        else answer.ShouldName(field);
    }

    // A request that would succeed.
    private async Task<(string Path, JsonObject Body)> BodyAsync(string step)
    {
        var install = step switch
        {
            "precheck" => await host.IssuedAsync(),
            "activate" => await host.PrecheckedAsync(),
            _ => await host.ActivatedAsync(),
        };
        return step switch
        {
            "precheck" => ($"{Requests.V2}/install/precheck", install.PrecheckBody()),
            "activate" => ($"{Requests.V2}/install/activate", install.ActivateBody()),
            "register" => ("/register", install.RegisterBody()),
            "confirm" => ($"{Requests.V2}/install/confirm", new JsonObject { ["activation_id"] = install.ActivationId, ["install_token"] = install.InstallToken }),
            _ => ($"{Requests.V2}/install/release", new JsonObject { ["activation_id"] = install.ActivationId }),
        };
    }
}

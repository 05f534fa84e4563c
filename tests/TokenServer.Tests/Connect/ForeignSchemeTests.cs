using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>An Authorization header of another scheme is none of a client's: whoever put it there meant somebody else (contract section 1).</summary>
public sealed class ForeignSchemeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    public static TheoryData<string> Foreign =>
        ["Bearer ey.ey.ey", "Bearer", "Negotiate YII=", "Digest username=\"worker\"", "DPoP x", "Basics d29ya2VyOng=", "garbage", ""];

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_client_that_authenticates_in_the_form_is_not_disturbed_the_second_time_neither(string header)
    {
        for (int i = 0; i < 2; i++)
        {
            var issued = await SendAsync("/connect/token", "worker", TestImport.Secret, "grant_type=client_credentials", header);
            issued.Status.Should().Be(200, issued.Body);
            var told = await SendAsync("/connect/introspect", "api", TestImport.Secret, "token=" + issued["access_token"], header);
            told["active"].Should().Be("True");
            (await SendAsync("/connect/revoke", "worker", TestImport.Secret, "token=" + issued["access_token"], header)).Status.Should().Be(200);
        }
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_client_that_does_not_is_refused_without_a_word_of_Basic(string header)
    {
        // The right one is remembered by now.
        (await SendAsync("/connect/token", "worker", TestImport.Secret, "grant_type=client_credentials", header)).Status.Should().Be(200);
        foreach (string? secret in (string?[])["wrong", null])
        {
            var answer = await SendAsync("/connect/token", "worker", secret, "grant_type=client_credentials", header);
            (answer.Status, answer["error"]).Should().Be((401, "invalid_client"));
            answer.Headers.WwwAuthenticate.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_public_client_may_come_through_a_proxy_that_adds_one() =>
        (await SendAsync("/connect/token", "mobile", null, $"grant_type=password&username=bob&password={Uri.EscapeDataString(TestImport.Password)}",
            "Bearer of-the-proxy")).Status.Should().Be(200);

    [Fact]
    public async Task Beside_one_of_its_own_it_is_ignored_too()
    {
        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("worker:" + TestImport.Secret.Replace(' ', '+')));
        (await SendAsync("/connect/token", null, null, "grant_type=client_credentials", "Bearer x", basic)).Status.Should().Be(200);
        (await SendAsync("/connect/token", null, null, "grant_type=client_credentials", basic, "Negotiate x")).Status.Should().Be(200);
        var twice = await SendAsync("/connect/token", null, null, "grant_type=client_credentials", basic, basic);
        (twice.Status, twice["error"]).Should().Be((401, "invalid_client"));
    }

    // As bytes: the framework's client would write several of a header as one.
    private async Task<Answer> SendAsync(string path, string? client, string? secret, string form, params string[] authorization)
    {
        if (client is not null) form += "&client_id=" + client;
        if (secret is not null) form += "&client_secret=" + Uri.EscapeDataString(secret);
        string head = $"POST {path} HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {form.Length}";
        foreach (string header in authorization) head += $"\nAuthorization: {header}";
        return (await server.SendRawAsync(head, Encoding.ASCII.GetBytes(form))).Read();
    }
}

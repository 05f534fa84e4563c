using System.Text.Json;
using System.Text.RegularExpressions;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>The second factor guards all faces together (contract sections 0 to 4).</summary>
public sealed partial class SecondFactorTests
{
    private const int John = 2;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    public static TheoryData<string> FaceNames => Door.FaceNames;
    public static TheoryData<string> DoorNames => Door.AllNames;

    [Theory]
    [InlineData("/api", "success requires_2fa temp_token", 200)]
    [InlineData("/auth", "success error requires_2fa temp_token", 401)]
    [InlineData("/v1/auth", "success error requires_2fa temp_token", 401)]
    [InlineData("/api/v1/auth", "error requires_2fa temp_token", 401)]
    [InlineData("/connect", "error error_description temp_token expires_in", 400)]
    public async Task A_right_password_alone_gives_nothing_but_a_temp_token(string door, string names, int status)
    {
        await using var server = await StartAsync();
        foreach (string user in new[] { "john", "john@example.com", "JOHN" })
        {
            var answer = await ((Door)door).SignInAsync(server, user);
            answer.Status.Should().Be(status);
            answer.Json.Names().Should().BeEquivalentTo(names.Split(' '));
            answer["temp_token"].Should().MatchRegex("^temp_[A-Za-z0-9_-]{43}$");
            TokensIn(answer.Json).Should().BeEmpty();
            answer.Headers.Contains("Set-Cookie").Should().BeFalse();
            (await server.IsActiveAsync(answer["temp_token"]!)).Should().BeFalse();
        }
        server.AuditedEvents().Should().NotContain("session.started");
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("opaque")]
    public async Task A_client_that_cannot_ask_for_the_second_factor_gets_nothing(string client)
    {
        await using var server = await StartAsync();
        var answer = await server.TokenAsync(null, ("grant_type", "password"), ("username", "john"), ("password", TestImport.Password), ("client_id", client), ("client_secret", TestImport.Secret));
        (answer.Status, answer["error"]).Should().Be((400, "unauthorized_client"));
        answer.Json.Names().Should().Equal("error", "error_description");
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task A_wrong_password_does_not_tell_that_there_is_a_second_factor(string door)
    {
        await using var server = await StartAsync();
        ((Door)door).ExpectWrongPassword(await ((Door)door).SignInAsync(server, "john", "wrong"));
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task A_code_used_at_one_door_is_used_at_all(string door)
    {
        await using var server = await StartAsync();
        Door used = door;
        string session = used.AccessToken(await used.VerifyAsync(server, await used.TempTokenAsync(server), server.TotpCode()));
        foreach (Door other in Door.All.Select(d => (Door)d))
            other.ExpectWrongCode(await other.VerifyAsync(server, await other.TempTokenAsync(server), server.TotpCode()));
        (await DisableAsync(server, session, TestImport.Password, server.TotpCode())).Body.Should().Be("""{"error":"Invalid verification code"}""");
        foreach (Door other in Door.All.Select(d => (Door)d))
        {
            server.Clock.Advance(Step);
            (await other.VerifyAsync(server, await other.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
        }
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task A_recovery_code_used_at_one_door_is_used_at_all(string door)
    {
        await using var server = await StartAsync();
        string[] codes = await server.Get<Database>().WriteAsync(s => RecoveryCodes.Replace(s, John));
        Door used = door;
        string session = used.AccessToken(await used.VerifyAsync(server, await used.TempTokenAsync(server), codes[0]));
        foreach (Door other in Door.All.Select(d => (Door)d))
            other.ExpectWrongCode(await other.VerifyAsync(server, await other.TempTokenAsync(server), codes[0]));
        (await DisableAsync(server, session, TestImport.Password, codes[0])).Status.Should().Be(401);
        (await used.VerifyAsync(server, await used.TempTokenAsync(server), codes[1])).Status.Should().Be(200);
    }

    [Fact]
    public async Task Of_simultaneous_uses_of_one_code_at_all_doors_one_wins()
    {
        await using var server = await StartAsync();
        var temps = await Task.WhenAll(Door.All.Select(async d => (Door: (Door)d, Token: await ((Door)d).TempTokenAsync(server))));
        string code = server.TotpCode();
        var answers = await Task.WhenAll(temps.Select(t => t.Door.VerifyAsync(server, t.Token, code)));
        answers.Should().ContainSingle(a => a.Status == 200);
    }

    [Theory]
    [MemberData(nameof(FaceNames))]
    public async Task A_temp_token_of_one_account_face_is_good_at_the_others(string door)
    {
        await using var server = await StartAsync();
        foreach (Door other in Door.Faces.Select(d => (Door)d))
        {
            string temp = await ((Door)door).TempTokenAsync(server);
            (await other.VerifyAsync(server, temp, server.TotpCode())).Status.Should().Be(200);
            other.ExpectWrongTempToken(await other.VerifyAsync(server, temp, server.TotpCode(1)));
            server.Clock.Advance(Step);
        }
    }

    [Theory]
    [MemberData(nameof(FaceNames))]
    public async Task A_temp_token_of_a_face_is_no_OAuth_clients_and_an_OAuth_clients_is_no_faces(string face)
    {
        await using var server = await StartAsync();
        Door door = face, connect = Door.Connect;
        string ofFace = await door.TempTokenAsync(server), ofClient = await connect.TempTokenAsync(server);
        foreach (string client in new[] { "web", "other" })
            connect.ExpectWrongTempToken(await server.SecondFactorAsync(ofFace, server.TotpCode(), client));
        (await server.TokenAsync(null, ("grant_type", "urn:tokenserver:grant-type:two_factor"), ("client_id", "first-party"), ("temp_token", ofFace), ("code", server.TotpCode())))["error"].Should().Be("invalid_client");
        door.ExpectWrongTempToken(await door.VerifyAsync(server, ofClient, server.TotpCode()));
        // Neither attempt used up the token, or the code.
        (await door.VerifyAsync(server, ofFace, server.TotpCode())).Status.Should().Be(200);
        (await connect.VerifyAsync(server, ofClient, server.TotpCode(1))).Status.Should().Be(200);
    }

    [Fact]
    public async Task Five_wrong_codes_at_any_faces_end_a_temp_token()
    {
        await using var server = await StartAsync();
        Door door = Door.InTunnel;
        string temp = await door.TempTokenAsync(server);
        for (int i = 0; i < 5; i++)
        {
            Door other = Door.Faces[i % Door.Faces.Length];
            other.ExpectWrongCode(await other.VerifyAsync(server, temp, "000000"));
        }
        foreach (Door other in Door.Faces.Select(d => (Door)d)) other.ExpectWrongTempToken(await other.VerifyAsync(server, temp, server.TotpCode()));
        (await door.VerifyAsync(server, await door.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    /// <summary>Everything in an answer that looks like a credential; <c>temp_token</c> aside.</summary>
    private static IEnumerable<string> TokensIn(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().Where(m => m.Name != "temp_token").SelectMany(m => TokensIn(m.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(TokensIn),
        JsonValueKind.String when Credential().IsMatch(json.GetString()!) => [json.GetString()!],
        _ => [],
    };

    private static Task<Answer> DisableAsync(TestServer server, string session, string password, string code) =>
        server.CallAsync("POST", "/api/v1/auth/2fa/disable", session, new { password, code });

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(FaceRequests.NoLimits);

    [GeneratedRegex("eyJ|rt_|at_|tt_|sk_live_|[A-Za-z0-9_-]{30,}")]
    private static partial Regex Credential();
}

namespace TokenServer.Tests.Support;

/// <summary>A way to sign in: a face's routes, or the token endpoint.</summary>
/// <param name="Prefix">Where its routes are; tests name a door by it.</param>
internal sealed record Door(string Prefix)
{
    public const string InTunnel = "/api", Vpn = "/auth", VpnV1 = "/v1/auth", Account = "/api/v1/auth", Connect = "/connect";

    /// <summary>The three account faces, one of them at both of its addresses.</summary>
    public static readonly string[] Faces = [InTunnel, Vpn, VpnV1, Account];

    /// <summary>Every way in, each once.</summary>
    public static readonly string[] All = [InTunnel, Vpn, Account, Connect];

    public static TheoryData<string> FaceNames => [.. Faces];

    public static TheoryData<string> AllNames => [.. All];

    public static implicit operator Door(string prefix) => new(prefix);

    /// <summary>The login's field for the user name or e-mail address.</summary>
    public string LoginField => Prefix == Account ? "username" : "email";

    /// <summary>The first step.</summary>
    public Task<Answer> SignInAsync(TestServer server, string user = "bob", string password = TestImport.Password) => Prefix == Connect
        ? server.SignInAsync(user: user, password: password)
        : server.CallAsync("POST", Prefix + "/login", null, new Dictionary<string, string> { [LoginField] = user, ["password"] = password });

    /// <summary>The second step.</summary>
    public Task<Answer> VerifyAsync(TestServer server, string tempToken, string code) => Prefix == Connect
        ? server.SecondFactorAsync(tempToken, code)
        : server.CallAsync("POST", Prefix + "/verify-2fa", null, new { temp_token = tempToken, code });

    /// <summary>Uses a refresh token.</summary>
    public Task<Answer> RefreshAsync(TestServer server, string refreshToken) => Prefix == Connect
        ? server.RefreshAsync(refreshToken)
        : server.CallAsync("POST", Prefix + "/refresh", null, new Dictionary<string, string> { [Prefix == Account ? "refreshToken" : "refresh_token"] = refreshToken });

    /// <summary>John's temp token, or that of another account with a second factor.</summary>
    public async Task<string> TempTokenAsync(TestServer server, string user = "john") => (await SignInAsync(server, user))["temp_token"]!;

    /// <summary>The access token of a new session.</summary>
    public async Task<string> TokenAsync(TestServer server, string user = "bob") => AccessToken(await SignInAsync(server, user));

    /// <summary>The access token in an answer.</summary>
    public string AccessToken(Answer answer) => answer[Prefix == Connect ? "access_token" : "token"]!;

    /// <summary>The refresh token in an answer; null where there is none.</summary>
    public string? RefreshToken(Answer answer) => answer[Prefix == Account ? "refreshToken" : "refresh_token"];

    /// <summary>Fails unless the answer is the door's refusal of a password.</summary>
    public void ExpectWrongPassword(Answer answer) => Expect(answer, "user name or password is wrong", Prefix == Account ? "Invalid credentials" : "Invalid email or password");

    /// <summary>Fails unless the answer is the door's refusal of a code.</summary>
    public void ExpectWrongCode(Answer answer) => Expect(answer, "the code is wrong", "Invalid verification code");

    /// <summary>Fails unless the answer is the door's refusal of a temp token.</summary>
    public void ExpectWrongTempToken(Answer answer) => Expect(answer, "the temp token is invalid or expired", "Invalid or expired temp token");

    private void Expect(Answer answer, string connect, string face) => (answer.Status, answer.Body).Should().Be(Prefix switch
    {
        Connect => (400, $$"""{"error":"invalid_grant","error_description":"{{connect}}"}"""),
        Account => (401, $$"""{"error":"{{face}}"}"""),
        _ => (401, $$"""{"success":false,"error":"{{face}}"}"""),
    });
}

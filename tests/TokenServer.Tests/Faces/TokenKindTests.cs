using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Every kind of token at every route that takes one: taken only where the contract says (sections 0 to 4).</summary>
public sealed class TokenKindTests(EveryTokenServer tokens) : IClassFixture<EveryTokenServer>
{
    private static readonly string[] SuccessRoutes =
    [
        "POST /api/logout", "GET /api/tunnels", "POST /api/tunnels", "POST /api/tunnels/99/regenerate", "DELETE /api/tunnels/99",
        "POST /auth/logout", "GET /auth/me", "POST /v1/auth/logout", "GET /v1/auth/me",
    ];

    private static readonly string[] PlainRoutes =
    [
        "POST /api/v1/auth/logout", "POST /api/v1/auth/keys", "GET /api/v1/auth/keys", "DELETE /api/v1/auth/keys/key_06ttk6a000zzz",
        "POST /api/v1/auth/password", "POST /api/v1/auth/2fa/setup", "POST /api/v1/auth/2fa/enable", "POST /api/v1/auth/2fa/disable",
    ];

    private static readonly string[] ForKeysToo = ["GET /auth/me", "GET /v1/auth/me", "GET /api/tunnels"];

    public static TheoryData<string, string> Refused => Pair((route, kind) => !Takes(route, kind));
    public static TheoryData<string, string> Taken => Pair((route, kind) => Takes(route, kind) && !route.EndsWith("/logout", StringComparison.Ordinal));
    public static TheoryData<string> Kinds => [.. EveryTokenServer.Kinds];
    public static TheoryData<string> NotTemp => [.. EveryTokenServer.Kinds.Where(k => !k.EndsWith(" temp", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_token_of_the_wrong_kind_is_refused(string route, string kind)
    {
        var answer = await CallAsync(route, tokens[kind]);
        bool saysSuccess = SuccessRoutes.Contains(route);
        if (kind == "API key") Expect(answer, 403, saysSuccess, "An API key may not be used here");
        else Expect(answer, 401, saysSuccess, saysSuccess ? "Invalid token" : "Authentication required");
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task A_token_of_the_right_kind_is_taken(string route, string kind) =>
        (await CallAsync(route, tokens[kind])).Status.Should().Be(route switch
        {
            "GET /api/tunnels" or "GET /auth/me" or "GET /v1/auth/me" or "GET /api/v1/auth/keys" or "POST /api/v1/auth/2fa/setup" => 200,
            _ when route.Contains("99", StringComparison.Ordinal) || route.StartsWith("DELETE", StringComparison.Ordinal) => 404,
            _ => 400,
        });

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_PIN_faces_status_takes_a_PIN_token_only(string kind)
    {
        var answer = await CallAsync("GET /api/status", tokens[kind]);
        if (kind == "PIN") (answer.Status, answer["status"]).Should().Be((200, "ok"));
        else Expect(answer, 401, saysSuccess: false, "Authentication required");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task UserInfo_takes_an_access_token_with_openid_only(string kind) =>
        (await tokens.Server.UserInfoAsync(tokens[kind])).Status.Should().Be(kind switch
        {
            "OAuth access" or "opaque access" => 200,
            "InTunnel session" or "VPN access" or "Account access" or "client's own" or "client's own opaque" => 403,
            _ => 401,
        });

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Refreshing_takes_the_own_refresh_token_only(string kind)
    {
        foreach (Door face in new[] { "/auth", "/v1/auth", "/api/v1/auth" }.Select(d => (Door)d))
        {
            var answer = await face.RefreshAsync(tokens.Server, tokens[kind]);
            if (kind == "face refresh") answer.Status.Should().Be(200);
            else Expect(answer, 401, face.Prefix != Door.Account, "Invalid or expired refresh token");
        }
        var connect = await tokens.Server.RefreshAsync(tokens[kind]);
        if (kind == "OAuth refresh") connect.Status.Should().Be(200);
        else (connect.Status, connect["error"]).Should().Be((400, "invalid_grant"));
    }

    [Theory]
    [MemberData(nameof(NotTemp))]
    public async Task The_second_step_takes_temp_tokens_only(string kind)
    {
        foreach (Door door in Door.Faces.Append(Door.Connect).Select(d => (Door)d))
            door.ExpectWrongTempToken(await door.VerifyAsync(tokens.Server, tokens[kind], tokens.Server.TotpCode()));
    }

    [Theory]
    [InlineData("PIN")]
    [InlineData("garbage")]
    [InlineData("OAuth access")]
    public async Task A_token_is_read_from_the_header_only(string kind)
    {
        string token = Uri.EscapeDataString(tokens[kind]);
        foreach (string route in SuccessRoutes.Concat(PlainRoutes).Append("GET /api/status"))
        {
            var answer = await CallAsync($"{route}?access_token={token}&token={token}&authorization=Bearer%20{token}", null);
            Expect(answer, 401, SuccessRoutes.Contains(route), "Authentication required");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic {0}")]
    [InlineData("{0}")]
    [InlineData("Token {0}")]
    public async Task A_header_that_is_no_Bearer_header_is_as_none(string header)
    {
        string value = string.Format(header, tokens["OAuth access"]);
        foreach (string route in SuccessRoutes.Concat(PlainRoutes).Append("GET /api/status"))
            Expect(await CallAsync(route, null, ("Authorization", value)), 401, SuccessRoutes.Contains(route), "Authentication required");
    }

    [Theory]
    [InlineData("Bearer {0},Bearer {0}")]
    [InlineData("Bearer {0} {0}")]
    [InlineData("Bearer {0}x")]
    [InlineData("Bearer x{0}")]
    public async Task A_token_with_something_about_it_is_refused(string header)
    {
        string value = string.Format(header, tokens["OAuth access"]);
        foreach (string route in SuccessRoutes) Expect(await CallAsync(route, null, ("Authorization", value)), 401, saysSuccess: true, "Invalid token");
        foreach (string route in PlainRoutes) Expect(await CallAsync(route, null, ("Authorization", value)), 401, saysSuccess: false, "Authentication required");
    }

    private static bool Takes(string route, string kind) => EveryTokenServer.Sessions.Contains(kind) || kind == "API key" && ForKeysToo.Contains(route);

    private static TheoryData<string, string> Pair(Func<string, string, bool> wanted)
    {
        var pairs = new TheoryData<string, string>();
        foreach (string route in SuccessRoutes.Concat(PlainRoutes))
            foreach (string kind in EveryTokenServer.Kinds)
                if (wanted(route, kind)) pairs.Add(route, kind);
        return pairs;
    }

    // An empty object: enough to see that the token was taken, too little to do anything with it.
    private Task<Answer> CallAsync(string route, string? token, params (string Name, string Value)[] headers)
    {
        string[] parts = route.Split(' ', 2);
        return tokens.Server.CallAsync(parts[0], parts[1], token, parts[0] == "POST" ? "{}" : null, headers);
    }

    private static void Expect(Answer answer, int status, bool saysSuccess, string error) => (answer.Status, answer.Body).Should().Be((status,
        saysSuccess ? $$"""{"success":false,"error":"{{error}}"}""" : $$"""{"error":"{{error}}"}"""));
}

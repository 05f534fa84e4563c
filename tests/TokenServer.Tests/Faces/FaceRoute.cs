namespace TokenServer.Tests.Faces;

/// <summary>A route of a face that reads a body, and its fields.</summary>
/// <param name="Path">The address; its method is POST.</param>
/// <param name="NeedsToken">Whether it asks for a session's token first.</param>
/// <param name="Fields">The fields that it requires, all strings.</param>
internal sealed record FaceRoute(string Path, bool NeedsToken, params string[] Fields)
{
    /// <summary>All of them.</summary>
    public static readonly FaceRoute[] All =
    [
        new("/api/login", false, "email", "password"), new("/api/verify-2fa", false, "temp_token", "code"), new("/api/tunnels", true, "name"),
        new("/auth/login", false, "email", "password"), new("/auth/verify-2fa", false, "temp_token", "code"), new("/auth/refresh", false, "refresh_token"),
        new("/v1/auth/login", false, "email", "password"), new("/v1/auth/verify-2fa", false, "temp_token", "code"), new("/v1/auth/refresh", false, "refresh_token"),
        new("/api/auth", false, "pin"),
        new("/api/v1/auth/login", false, "username", "password"), new("/api/v1/auth/verify-2fa", false, "temp_token", "code"), new("/api/v1/auth/refresh", false, "refreshToken"),
        new("/api/v1/auth/keys", true, "name"), new("/api/v1/auth/password", true, "current_password", "new_password"),
        new("/api/v1/auth/2fa/enable", true, "code"), new("/api/v1/auth/2fa/disable", true, "password", "code"),
    ];

    /// <summary>The routes of the faces whose bodies are of no matter.</summary>
    public static readonly (string Method, string Path)[] Bodiless =
    [
        ("POST", "/api/logout"), ("GET", "/api/tunnels"), ("POST", "/api/tunnels/1/regenerate"), ("DELETE", "/api/tunnels/1"),
        ("POST", "/auth/logout"), ("GET", "/auth/me"), ("POST", "/v1/auth/logout"), ("GET", "/v1/auth/me"),
        ("GET", "/api/status"), ("POST", "/api/v1/auth/logout"), ("GET", "/api/v1/auth/keys"), ("DELETE", "/api/v1/auth/keys/key_x"), ("POST", "/api/v1/auth/2fa/setup"),
    ];

    /// <summary>Every path of the faces with the methods it knows.</summary>
    public static IEnumerable<(string Path, string[] Methods)> Methods => All.Select(r => (Method: "POST", r.Path)).Concat(Bodiless)
        .GroupBy(r => r.Path).Select(g => (g.Key, g.Select(r => r.Method).SelectMany(m => m == "GET" ? ["GET", "HEAD"] : (string[])[m]).ToArray()));

    /// <summary>Whether the face of <paramref name="path"/> says <c>success</c> in its errors.</summary>
    public static bool SaysSuccess(string path) =>
        !path.StartsWith("/api/v1/auth", StringComparison.Ordinal) && !path.StartsWith("/api/auth", StringComparison.Ordinal) && !path.StartsWith("/api/status", StringComparison.Ordinal);

    /// <summary>Fails unless the answer is an error in the shape of the face of <paramref name="path"/>.</summary>
    public static void ExpectError(Support.Answer answer, int status, string path)
    {
        answer.Status.Should().Be(status, path + " said " + answer.Body);
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        Support.Jwt.Names(answer.Json).Should().Equal(SaysSuccess(path) ? ["success", "error"] : ["error"]);
        answer["error"].Should().NotBeNullOrWhiteSpace();
        if (SaysSuccess(path)) answer.Json.GetProperty("success").GetBoolean().Should().BeFalse();
        if (path.StartsWith("/api/", StringComparison.Ordinal) && SaysSuccess(path)) answer.Headers.Contains("X-RateLimit-Remaining").Should().BeTrue();
    }
}

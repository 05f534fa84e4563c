using TokenServer.Tests.Support;

namespace TokenServer.Tests.Accounts;

/// <summary>A sign-in that fails is a line in the log, in which nothing is that somebody typed.</summary>
public sealed class SignInLogTests
{
    private const string Line = "Information TokenServer.Accounts.SignIn A sign-in failed: ";
    public static TheoryData<string> Doors => Door.AllNames;

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Each_face_says_who_asked_from_where_and_why_it_failed(string face)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        Door door = face;
        await door.SignInAsync(server, "jane", "a-typed-password");
        await door.SignInAsync(server, "my-password-in-the-wrong-field", "x");
        await door.VerifyAsync(server, await door.TempTokenAsync(server), "123450");
        await door.SignInAsync(server);
        string[] lines = [.. server.Log.Lines.Where(l => l.StartsWith(Line, StringComparison.Ordinal))];
        lines.Should().HaveCount(3).And.OnlyContain(l => l.Contains("127.0.0.1", StringComparison.Ordinal) && l.Contains(face == Door.Connect ? "client web" : "client first-party", StringComparison.Ordinal));
        lines.Select(l => l[Line.Length..].Split(' ')[1].TrimEnd(',')).Should().Equal("wrong_password", "unknown_user", "wrong_code");
        server.Log.Lines.Should().NotContain(l => l.Contains("a-typed-password", StringComparison.Ordinal)
            || l.Contains("wrong-field", StringComparison.Ordinal) || l.Contains("123450", StringComparison.Ordinal));
    }
}

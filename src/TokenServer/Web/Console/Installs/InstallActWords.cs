using TokenServer.Web.Console.Shared;

namespace TokenServer.Web.Console.Installs;

/// <summary>The words of what is done to install codes and servers.</summary>
internal static class InstallActWords
{
    public const string TooLate = "Nothing was done: the code was confirmed or has expired; revoke its server instead.";

    /// <param name="code">Its number.</param>
    public static ActWords RevokeCode(long code) => new($"Revoke install code {code}",
        "The code cannot be used any more. What an install with it has put up so far dies with it.",
        "Revoke the code");

    /// <param name="id">The server's.</param>
    public static ActWords RevokeServer(string id) => new($"Revoke server {id}",
        "The server's token is dead, and it cannot check in any more. It takes a new install to bring it back.",
        "Revoke the server");
}

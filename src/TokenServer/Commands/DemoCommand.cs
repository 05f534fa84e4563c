using System.CommandLine;
using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Import;

namespace TokenServer.Commands;

/// <summary><c>TokenServer demo code</c>: what the authenticator app of the demo's administrator shows now. The secret is the one that
/// <c>samples/demo.json</c> has for everybody to read; no other server's is looked at.</summary>
internal static class DemoCommand
{
    /// <summary>The demo's clients and users.</summary>
    public static string File { get; } = Path.Combine(AppContext.BaseDirectory, "samples", "demo.json");

    public static Command Create()
    {
        var code = new Command("code", "Print the current code of the demo administrator's second factor; each is good once");
        code.SetAction(async (_, _) =>
        {
            await Console.Out.WriteLineAsync(await CodeAsync());
            return CommandLine.Done;
        });
        return new Command("demo", "Help with the demo (serve --demo)") { code };
    }

    /// <summary>The six digits of now.</summary>
    public static async Task<string> CodeAsync()
    {
        var users = ImportDocument.Parse(await System.IO.File.ReadAllBytesAsync(File)).Users;
        string secret = users.First(u => u is { Role: "admin", TotpSecret: not null }).TotpSecret!;
        return SecondFactor.CodeOf(Enrolment.Read(secret)!, TimeProvider.System.GetUtcNow());
    }
}

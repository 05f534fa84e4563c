using System.Net;
using System.Text.RegularExpressions;

namespace Benchmarks.Servers;

/// <summary>Signs a browser in by the page's form.</summary>
internal static partial class BrowserSignIn
{
    /// <summary>The cookie of a new sign-in, as a request sends it.</summary>
    public static string Cookie(Uri server)
    {
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = server };
        string page = browser.GetStringAsync("/account/sign-in").Result, token = Field().Match(page).Groups[1].Value;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["antiforgery"] = token, ["username"] = TokenServerProcess.UserName, ["password"] = TokenServerProcess.Password, ["return"] = "/account",
        });
        using var answer = browser.PostAsync("/account/sign-in", form).Result;
        return cookies.GetCookies(server).FirstOrDefault(c => c.Name == "tokenserver_session") is { } session ? $"{session.Name}={session.Value}"
            : throw new InvalidOperationException($"signing in was answered with {answer.StatusCode}");
    }

    [GeneratedRegex("name=\"antiforgery\" value=\"([^\"]+)\"")]
    private static partial Regex Field();
}

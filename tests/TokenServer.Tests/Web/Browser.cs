using System.Net;
using System.Text.RegularExpressions;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web;

/// <summary>A browser without script: it keeps cookies, sends the forms of the page it is on, and follows no redirect by itself.</summary>
internal sealed partial class Browser : IDisposable
{
    /// <summary>Settings under which the framework logs all it does.</summary>
    public static readonly string[] AllLogged = ["--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:Microsoft.AspNetCore.DataProtection=Trace"];

    private readonly HttpClient http;
    private readonly CookieContainer cookies = new();

    public Browser(TestServer server)
    {
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = new Uri(server.Address) };
    }

    /// <summary>The antiforgery token of the last page that had a form.</summary>
    public string Token { get; set; } = "";

    /// <summary>The cookies the server has set, as they are.</summary>
    public string? Cookie(string name) => cookies.GetCookies(http.BaseAddress!).Concat(cookies.GetCookies(new Uri(http.BaseAddress!, "/account"))).FirstOrDefault(c => c.Name == name)?.Value;

    /// <summary>Puts a cookie back, as whoever has stolen one does.</summary>
    public void SetCookie(string name, string value) => cookies.Add(http.BaseAddress!, new Cookie(name, value, "/"));

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), headers);

    /// <summary>Sends a form with the antiforgery token of the page it is on.</summary>
    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields) => PostAsync(path, fields, []);

    /// <inheritdoc cref="PostAsync(string, ValueTuple{string, string}[])"/>
    public Task<Answer> PostAsync(string path, (string Name, string Value)[] fields, (string Name, string Value)[] headers) => SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = new FormUrlEncodedContent(fields.Append(("antiforgery", Token)).Select(f => KeyValuePair.Create(f.Item1, f.Item2))),
    }, headers);

    /// <summary>Sends anything.</summary>
    public async Task<Answer> SendAsync(HttpRequestMessage request, params (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        var answer = new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
        if (TokenField().Match(answer.Body) is { Success: true } field) Token = field.Groups[1].Value;
        return answer;
    }

    /// <summary>The first step of signing in, from its page.</summary>
    public async Task<Answer> SignInAsync(string user = "bob", string password = TestImport.Password, string returnPath = "/account")
    {
        await GetAsync("/account/sign-in");
        return await PostAsync("/account/sign-in", ("username", user), ("password", password), ("return", returnPath));
    }

    /// <summary>A browser of this user, on the first page of the account.</summary>
    public static async Task<Browser> OfAsync(TestServer server, string user = "bob")
    {
        var browser = new Browser(server);
        (await browser.SignInAsync(user)).ShouldGoTo("/account");
        (await browser.GetAsync("/account")).Status.Should().Be(200);
        return browser;
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("name=\"antiforgery\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}

/// <summary>What an answer to a browser should be.</summary>
internal static partial class PageAnswers
{
    public static void ShouldGoTo(this Answer answer, string path) => (answer.Status, answer.Headers.Location?.OriginalString).Should().Be((303, path));

    /// <summary>A stranger is sent to sign in, and back to <paramref name="path"/>.</summary>
    public static void ShouldAskToSignIn(this Answer answer, string path) => answer.ShouldGoTo("/account/sign-in?return=" + Uri.EscapeDataString(path));

    /// <summary>A page that says <paramref name="text"/> as an error.</summary>
    public static void ShouldSay(this Answer answer, int status, string text) => (answer.Status, answer.Alert()).Should().Be((status, text));

    /// <summary>The notice of the page; null without one.</summary>
    public static string? Notice(this Answer answer) => Find(NoticeText(), answer);

    /// <summary>The secret that the page shows; null without one.</summary>
    public static string? Secret(this Answer answer, string id) => Find(new Regex($"<code id=\"{id}\">([^<]*)</code>"), answer);

    /// <summary>The error that the page shows; null without one.</summary>
    public static string? Alert(this Answer answer) => Find(AlertText(), answer);

    private static string? Find(Regex pattern, Answer answer) => pattern.Match(answer.Body) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    [GeneratedRegex("<p class=\"[^\"]*\" role=\"status\">([^<]+)</p>")]
    private static partial Regex NoticeText();

    [GeneratedRegex("<p class=\"[^\"]*\" role=\"alert\">([^<]*)</p>")]
    private static partial Regex AlertText();
}

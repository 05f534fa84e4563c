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
    private readonly CookieContainer cookies;

    public Browser(TestServer server) : this(server.Address)
    {
    }

    /// <param name="address">A server's address.</param>
    /// <param name="way">The way there, which keeps no cookies and outlives the browser; straight where null.</param>
    public Browser(string address, HttpMessageHandler? way = null) : this(address, way, new())
    {
    }

    private Browser(string address, HttpMessageHandler? way, CookieContainer cookies)
    {
        this.cookies = cookies;
        HttpMessageHandler handler = way is null ? new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies } : new CookieJar(cookies, way);
        http = new HttpClient(handler, disposeHandler: way is null) { BaseAddress = new Uri(address) };
    }

    /// <summary>The same browser, whose requests go to another server from here: one of the same name, as cookies have it.</summary>
    public Browser At(string address) => new(address, null, cookies) { Token = Token, Mark = Mark };

    /// <summary>The antiforgery token of the last page that had a form.</summary>
    public string Token { get; set; } = "";

    /// <summary>The mark of the last page that had a form: sent along, the form acts once.</summary>
    public (string Name, string Value) Mark { get; set; }

    /// <summary>The cookies the server has set, as they are.</summary>
    public string? Cookie(string name) => cookies.GetCookies(http.BaseAddress!).Concat(cookies.GetCookies(new Uri(http.BaseAddress!, "/account"))).FirstOrDefault(c => c.Name == name)?.Value;

    /// <summary>A cookie that the server has set for a path alone.</summary>
    public string? CookieAt(string name, string path) => cookies.GetCookies(new Uri(http.BaseAddress!, path)).FirstOrDefault(c => c.Name == name)?.Value;

    /// <summary>All that it sends to a path, as the header says them.</summary>
    public string Cookies(string path) => cookies.GetCookieHeader(new Uri(http.BaseAddress!, path));

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

    /// <summary>Sends a form, and goes where it leads.</summary>
    public async Task<Answer> PostAndFollowAsync(string path, params (string Name, string Value)[] fields) => await NextAsync(await PostAsync(path, fields));

    /// <summary>Goes where an answer leads, as a browser does by itself.</summary>
    public async Task<Answer> NextAsync(Answer answer)
    {
        answer.Status.Should().Be(303, answer.Body);
        return await GetAsync(answer.Headers.Location!.OriginalString);
    }

    /// <summary>Sends anything.</summary>
    public async Task<Answer> SendAsync(HttpRequestMessage request, params (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        var answer = new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
        if (TokenField().Match(answer.Body) is { Success: true } field) Token = field.Groups[1].Value;
        if (MarkField().Matches(answer.Body) is [.., var mark]) Mark = ("mark", mark.Groups[1].Value);
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

    private sealed class CookieJar(CookieContainer cookies, HttpMessageHandler way) : DelegatingHandler(way)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (cookies.GetCookieHeader(request.RequestUri!) is { Length: > 0 } header) request.Headers.Add("Cookie", header);
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.TryGetValues("Set-Cookie", out var set))
                foreach (string cookie in set) cookies.SetCookies(request.RequestUri!, cookie);
            return response;
        }
    }

    [GeneratedRegex("name=\"antiforgery\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();

    [GeneratedRegex("name=\"mark\" value=\"([^\"]+)\"")]
    private static partial Regex MarkField();
}

/// <summary>What an answer to a browser should be.</summary>
internal static partial class PageAnswers
{
    public static void ShouldGoTo(this Answer answer, string path) => (answer.Status, answer.Headers.Location?.OriginalString).Should().Be((303, path));

    /// <summary>Goes to a page that says so, once.</summary>
    public static void ShouldGoTo(this Answer answer, string path, string notice)
    {
        answer.ShouldGoTo(path);
        answer.Headers.GetValues("Set-Cookie").Should().ContainSingle(c => c.StartsWith("tokenserver_notice=", StringComparison.Ordinal))
            .Which.Should().StartWith($"tokenserver_notice={notice}; max-age=60; path=/").And.Contain("httponly").And.Contain("samesite=strict");
    }

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

    [GeneratedRegex("<p [^>]*role=\"alert\"[^>]*>([^<]*)</p>")]
    private static partial Regex AlertText();
}

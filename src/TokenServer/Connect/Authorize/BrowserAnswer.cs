using System.Text.Encodings.Web;

namespace TokenServer.Connect.Authorize;

/// <summary>Answers that a browser takes on to a client. What is in them is nobody else's: they are not stored, and no <c>Referer</c> tells
/// of them (RFC 9700 section 4.2).</summary>
internal static class BrowserAnswer
{
    private const string NoReferrer = "no-referrer", Origin = "origin";

    /// <summary><paramref name="address"/> with an answer in its query, beside what is there (RFC 6749 section 4.1.2).</summary>
    public static string Address(string address, IEnumerable<KeyValuePair<string, string>> answer)
    {
        var text = new StringBuilder(Ascii.IsValid(address) ? address : new Uri(address).AbsoluteUri);
        char before = address.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        if (address[^1] is '?' or '&') before = '\0';
        foreach (var (name, value) in answer)
        {
            if (before != '\0') text.Append(before);
            text.Append(name).Append('=').Append(Uri.EscapeDataString(value));
            before = '&';
        }
        return text.ToString();
    }

    /// <summary>303, so that a form is not sent on (RFC 9700 section 4.12).</summary>
    public static void Redirect(HttpContext http, string address)
    {
        Protect(http.Response, NoReferrer);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = address;
    }

    /// <summary>A page whose form the browser sends to <paramref name="address"/>: by the page's one script, or by the person (OAuth 2.0
    /// Form Post Response Mode 1.0). Where the form may lead is left open, since a browser holds what the client answers to that,
    /// too; there is one form, and nothing in it is anybody's but this server's and the client's.</summary>
    public static async Task PostAsync(HttpContext http, string address, IEnumerable<KeyValuePair<string, string>> answer)
    {
        string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        Protect(http.Response, Origin);
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'";
        http.Response.Headers.XFrameOptions = "DENY";
        http.Response.ContentType = "text/html; charset=utf-8";
        byte[] page = Encoding.UTF8.GetBytes(Page(nonce, address, answer));
        http.Response.ContentLength = page.Length;
        await http.Response.Body.WriteAsync(page, http.RequestAborted);
    }

    private static string Page(string nonce, string address, IEnumerable<KeyValuePair<string, string>> answer)
    {
        var html = HtmlEncoder.Default;
        string fields = string.Concat(answer.Select(a =>
            $"""<input type="hidden" name="{a.Key}" value="{html.Encode(a.Value)}">"""));
        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Going on</title></head>
            <body>
            <main>
            <h1>Going on to the application</h1>
            <form method="post" action="{html.Encode(address)}">{fields}<button type="submit">Continue</button></form>
            </main>
            <script nonce="{nonce}">document.forms[0].submit();</script>
            </body>
            </html>
            """;
    }

    private static void Protect(HttpResponse response, string referrer)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.Pragma = "no-cache";
        response.Headers["Referrer-Policy"] = referrer;
    }
}

using TokenServer.Foundation;
using TokenServer.SignIns;

namespace TokenServer.Web.Shared;

/// <summary>An answer as it goes to the browser, which can be given again.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">Of the headers those that belong to the act.</param>
/// <param name="Body">The page; empty for a redirect.</param>
internal sealed record FormAnswer(int Status, Dictionary<string, string[]> Headers, byte[] Body) : IResult
{
    private static readonly string[] Kept = ["Location", "Set-Cookie", "Content-Type"];

    /// <summary>When it was made, UTC.</summary>
    public DateTime At { get; init; }

    /// <summary>Whose page it is; null for a stranger's.</summary>
    public int? Account { get; init; }

    /// <summary>Where the page's forms may lead beside this server.</summary>
    public string? Target { get; init; }

    [JsonIgnore]
    public bool IsRedirect => Status == StatusCodes.Status303SeeOther;

    /// <summary>Whether it says that nothing was done for now, and to come again.</summary>
    [JsonIgnore]
    public bool IsForLater => Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;

    /// <summary>Whether it gives the browser a session, or takes one away.</summary>
    [JsonIgnore]
    public bool SetsSession => Headers.TryGetValue("Set-Cookie", out var cookies)
        && cookies.Any(c => c.StartsWith(BrowserSessions.CookieName + "=", StringComparison.Ordinal));

    /// <summary>Has <paramref name="act"/> answer, and takes what it says before the browser sees it.</summary>
    public static async Task<FormAnswer> TakeAsync(HttpContext http, Func<ValueTask<object?>> act)
    {
        var (response, body) = (http.Response, http.Response.Body);
        int? account = http.FindVisitor()?.Account.Id;
        using var page = new MemoryStream();
        response.Body = page;
        try
        {
            if (await act() is IResult result) await result.ExecuteAsync(http);
            // What was done was done, though the browser has gone meanwhile.
            await response.Body.FlushAsync(CancellationToken.None);
        }
        finally
        {
            response.Body = body;
        }
        var headers = Kept.Where(response.Headers.ContainsKey)
            .ToDictionary(name => name, name => response.Headers[name].OfType<string>().ToArray(), StringComparer.Ordinal);
        return new(response.StatusCode, headers, page.ToArray()) { Account = account, Target = FormTargets.Of(http) };
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        PageHeaders.Promise(response);
        FormTargets.Allow(httpContext, Target);
        response.StatusCode = Status;
        foreach (var (name, values) in Headers) response.Headers[name] = values;
        if (Body.Length > 0) await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}

[JsonSerializable(typeof(FormAnswer))]
internal sealed partial class FormAnswerJson : JsonSerializerContext;

namespace InstallLifecycle.Codes;

/// <summary>A browser asks for a code: every check of that, once for the API and for the page's plain form.</summary>
internal sealed class CodeRequest(BrowserSession browserSession, InstallCodes codes, Refusals refusals)
{
    public async Task<Outcome<IssuedCode>> IssueAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        if (CrossSite.Is(context.Request)) return await refusals.RecordAsync<IssuedCode>("issue", caller, InstallError.CrossSiteRequest);
        if (browserSession.Read(context.Request) is not { } session)
            return await refusals.RecordAsync<IssuedCode>("issue", caller, InstallError.BrowserSessionRequired);
        var requester =
            new Requester(caller, session, context.Request.Headers.UserAgent.ToString(), context.Request.Headers.AcceptLanguage.ToString());
        return await refusals.RecordAsync("issue", caller, await codes.IssueAsync(requester));
    }
}

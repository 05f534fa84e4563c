using System.Security.Claims;
using OpenIddict.Server;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authorize;

/// <summary>
/// HandleAuthorizationRequest: the browser's sign-in and what the request asks for decide whether it is granted, refused, or a page comes
/// first, for which the request is stored (docs/decisions/0030).
/// </summary>
internal sealed class AuthorizeBrowser(
    BrowserSessions browsers, AuthorizationRequests requests, NextStep next, StoredRequestRate rate)
    : IOpenIddictServerHandler<HandleAuthorizationRequestContext>
{
    public async ValueTask HandleAsync(HandleAuthorizationRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        try
        {
            await DecideAsync(context, request, request.Asked!);
        }
        catch (StorageUnavailableException)
        {
            context.Refuse(OAuthError.Unavailable());
        }
    }

    private async Task DecideAsync(HandleAuthorizationRequestContext context, ConnectRequest request, AuthorizationRequest asked)
    {
        var visitor = await browsers.ReadAsync(request.Http);
        // A form from another site comes without the session's cookie, the GET that follows it with it.
        if (visitor is null && HttpMethods.IsPost(request.Http.Request.Method))
        {
            if ((context.Request.RequestUri ?? await StoreAsync(context, request, asked, browser: null)) is { } form)
                Send(context, ReturnPath(asked, form));
            return;
        }
        var step = next.Of(asked, request.Hinted, visitor);
        if (step == Step.Grant) Grant(context, request, visitor!);
        else if (Refusal(step, asked.Prompt.Contains(PromptValues.None)) is { } error) context.Refuse(error);
        else if (await KeepAsync(context, request, asked) is { } uri)
            Send(context, SignInPages.Address(PageOf(step), ReturnPath(asked, uri)));
    }

    private static void Grant(HandleAuthorizationRequestContext context, ConnectRequest request, Visitor visitor)
    {
        var (account, session, asked) = (visitor.Account, visitor.Session, request.Asked!);
        request.Code = new CodeContent(account.Id, session.Id, account.SecurityStamp)
        {
            Scopes = asked.Scopes, AuthTime = session.AuthTime, Methods = session.Methods, RedirectUri = request.ReturnAddress!,
            CodeChallenge = context.Request.CodeChallenge, Nonce = context.Request.Nonce, KeyThumbprint = asked.KeyThumbprint,
        };
        context.SignIn(new ClaimsPrincipal(new ClaimsIdentity([new Claim(Claims.Subject, account.Subject)], "tokenserver")));
    }

    // The request's address while the person does what is to be done; null where that is refused.
    private async Task<string?> KeepAsync(HandleAuthorizationRequestContext context, ConnectRequest request, AuthorizationRequest asked)
    {
        string browser = BrowserKey.Ensure(request.Http);
        if (context.Request.RequestUri is not { } uri) return await StoreAsync(context, request, asked, browser);
        if (asked.IsOpened || await requests.OpenAsync(uri, browser)) return uri;
        request.ReturnAddress = null;
        context.Refuse(OAuthError.InvalidRequest("the request was answered already, or begun in another browser"));
        return null;
    }

    // Null where this address has had too many stored.
    private async Task<string?> StoreAsync(
        HandleAuthorizationRequestContext context, ConnectRequest request, AuthorizationRequest asked, string? browser)
    {
        if (await rate.TakeAsync(request.Http) is null) return await requests.StoreAsync(asked, isPushed: false, browser);
        context.Refuse(OAuthError.Unavailable());
        return null;
    }

    private static string ReturnPath(AuthorizationRequest asked, string uri) =>
        $"/connect/authorize?client_id={Uri.EscapeDataString(asked.Client.ClientId)}&request_uri={Uri.EscapeDataString(uri)}";

    private static void Send(HandleAuthorizationRequestContext context, string path)
    {
        BrowserAnswer.Redirect(ConnectRequest.Of(context).Http, path);
        context.HandleRequest();
    }

    private static OAuthError? Refusal(Step step, bool isSilent) => step switch
    {
        Step.Denied => new(Errors.AccessDenied, "the person said no"),
        Step.NotAllowed => OAuthError.InvalidScope(),
        _ when !isSilent => null,
        Step.Consent => new(Errors.ConsentRequired, "the person has to allow it first"),
        Step.SecondFactor => new(Errors.InteractionRequired, "a second factor is asked for"),
        _ => new(Errors.LoginRequired, "the person has to sign in first"),
    };

    private static string PageOf(Step step) => step switch
    {
        Step.SignIn => SignInPages.SignIn,
        Step.SignInAgain => SignInPages.SignInAgain,
        Step.ChooseAccount => SignInPages.ChooseAccount,
        Step.SecondFactor => SignInPages.SecondFactorNeeded,
        _ => SignInPages.Consent,
    };
}

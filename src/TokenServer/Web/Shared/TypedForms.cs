using System.IO.Compression;
using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Storage;

namespace TokenServer.Web.Shared;

/// <summary>What was typed into a form that could not be taken before signing in again: it waits, sealed, for the same account in the same
/// browser, and the page that the sign-in leads back to has it in its form (docs/decisions/0047). Nothing is done by coming back.</summary>
internal sealed class TypedForms(KeptAnswers kept, IDataProtectionProvider protection, IAntiforgery antiforgery, BrowserSessions sessions,
    UserAccounts accounts, TimeProvider clock)
{
    /// <summary>What the address of the page says it by.</summary>
    public const string Query = "typed";
    private const int KeyLength = 22, MostOfAccount = 8, LongestFields = 32 * 1024;

    private readonly IDataProtector protector = protection.CreateProtector("TypedForm");

    // Signing in takes minutes.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>The way back to the form's page for <paramref name="visitor"/>, who is to sign in again first.</summary>
    public async Task<string> KeepAsync(HttpContext http, SentForm? form, Visitor visitor) =>
        PlaceOf(http.Request, form) is { } place && await KeepAsync(http, place, visitor.Account.Id)
            ? place.Back : ReturnPath.Again(http.Request);

    /// <summary>The way back to the form's page for whoever was signed in.</summary>
    public async Task<string> KeepAsync(HttpContext http, SentForm? form)
    {
        if (PlaceOf(http.Request, form) is not { } place) return ReturnPath.To(http.Request);
        bool isKept = sessions.FormerOf(http) is { } former && BrowserSessions.AccountOf(former) is { } account
            && accounts.Find(account) is { DisabledAt: null } && await IsOursAsync(http, former) && await KeepAsync(http, place, account);
        // Sent once more: the first answer has taken the cookie back.
        return isKept || kept.Find(place.Id) is not null ? place.Back : ReturnPath.To(http.Request);
    }

    /// <summary>Answers with the page, and what was typed in its form, if its address speaks of that.</summary>
    public async Task<object?> ShowAsync(HttpContext http, Func<ValueTask<object?>> page)
    {
        if (http.Request.Query[Query] is not [{ Length: KeyLength } key] || http.FindVisitor() is not { } visitor) return await page();
        // The page and all that it links to are those of the address without it.
        http.Request.QueryString = Without(http.Request.QueryString, key);
        if (Find(http, visitor, key) is not { } typed) return await page();
        http.Features.Set(typed);
        var answer = await FormAnswer.TakeAsync(http, page);
        return answer with { Body = FilledForm.Fill(answer.Body, typed, http.Request) };
    }

    // Null where nothing waits: for a form without a mark, and for a step of something else, which begins anew.
    private Place? PlaceOf(HttpRequest request, SentForm? form)
    {
        if (form?.ShownAt is not { } shownAt || ReturnPath.IsStep(request) || Browser(request) is not { } browser) return null;
        // A double click waits at one place; so does what was typed otherwise into the same form.
        string mark = request.Form[FormAnswers.Field].ToString();
        string key = KeptAnswers.IdOf([Query, browser, TypedForm.ActionOf(request), mark])[..KeyLength];
        string page = ReturnPath.Again(request), back = $"{page}{(page.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Query}={key}";
        // Where the way leads elsewhere, to a client's request, the form is a step of that.
        bool isItsPage = ReturnPath.PageOf(request) is not null
            || request.Path.ToUriComponent().StartsWith(page.Split('?')[0], StringComparison.Ordinal);
        // A mark that would be out of date by then gives way to the page's own.
        bool isGood = shownAt + FormAnswers.Lifetime >= clock.GetUtcNow().UtcDateTime + Lifetime;
        return isItsPage && ReturnPath.Of(back) == back ? new(back, IdOf(browser, key), isGood) : null;
    }

    private async Task<bool> KeepAsync(HttpContext http, Place place, int account)
    {
        var typed = TypedForm.Of(http.Request, account);
        if (typed.Length > LongestFields) return false;
        if (!place.HasGoodMark) typed = typed with { Mark = null };
        string text = Base64Url.EncodeToString(protector.Protect(Pack(typed)));
        await kept.PutAsync(place.Id, text, Lifetime, KeptFor.Account(Query, account, MostOfAccount));
        return true;
    }

    private TypedForm? Find(HttpContext http, Visitor visitor, string key)
    {
        if (Browser(http.Request) is not { } browser || kept.Find(IdOf(browser, key)) is not { Sealed: { } text }) return null;
        try
        {
            var typed = Unpack(protector.Unprotect(Base64Url.DecodeFromChars(text)));
            return typed?.Account == visitor.Account.Id ? typed : null;
        }
        catch (CryptographicException)
        {
            // The keys that sealed it are gone; the page is empty then.
            return null;
        }
    }

    // As the filter asks of who is signed in: a form of this browser's and of that session's.
    private async Task<bool> IsOursAsync(HttpContext http, ClaimsPrincipal former)
    {
        var now = http.User;
        http.User = former;
        try
        {
            await antiforgery.ValidateRequestAsync(http);
            return true;
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
        finally
        {
            http.User = now;
        }
    }

    private static QueryString Without(QueryString query, string key) =>
        query.Value!.TrimStart('?').Split('&').Where(part => part != $"{Query}={key}").ToArray() is { Length: > 0 } rest
            ? new("?" + string.Join('&', rest)) : QueryString.Empty;

    private static string? Browser(HttpRequest request) => request.Cookies[WebModule.AntiforgeryCookie];

    private static string IdOf(string browser, string key) => KeptAnswers.IdOf([Query, "waits", browser, key]);

    private static byte[] Pack(TypedForm typed)
    {
        using var small = new MemoryStream();
        using (var packed = new BrotliStream(small, CompressionLevel.Fastest))
            JsonSerializer.Serialize(packed, typed, TypedFormJson.Default.TypedForm);
        return small.ToArray();
    }

    private static TypedForm? Unpack(byte[] content)
    {
        using var packed = new BrotliStream(new MemoryStream(content), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(packed, TypedFormJson.Default.TypedForm);
    }

    // Where what was typed waits: the way back to it, the row, and whether its mark is good for as long.
    private sealed record Place(string Back, string Id, bool HasGoodMark);
}

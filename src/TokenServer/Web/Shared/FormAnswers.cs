using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Web.Shared;

/// <summary>What the forms of pages were answered: a form that is sent a second time, by a reload, from the page before or by a double
/// click, gets the same answer and does nothing more, at any replica (docs/decisions/0041).</summary>
internal sealed class FormAnswers(KeptAnswers kept, AnswerSeal seal, TimeProvider clock)
{
    /// <summary>The field with a form's mark: an id that was made when the page was shown.</summary>
    public const string Field = "mark";

    /// <summary>So long a form is good, and its answer kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // What did nothing may be tried anew after this, and so may signing in: enough for a double click and a reload.
    private static readonly TimeSpan ShortLifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private const int Pauses = 200, MostOfAccount = 500;

    /// <summary>The form that <paramref name="http"/> sends; null where it has no mark, or no browser to have it from.</summary>
    public static SentForm? Of(HttpContext http)
    {
        var request = http.Request;
        if (request.Form[Field] is not [{ Length: > 0 } mark]
            || request.Cookies[WebModule.AntiforgeryCookie] is not { } browser) return null;
        // The antiforgery token is another in each page: it says nothing of what is asked.
        var fields = request.Form.Where(f => f.Key != WebModule.AntiforgeryField).OrderBy(f => f.Key, StringComparer.Ordinal);
        string[] parts = [browser, request.Path.ToUriComponent(), request.QueryString.ToUriComponent(),
            .. fields.SelectMany(f => f.Value.Select(v => v ?? "").Prepend($"{f.Value.Count} {f.Key}"))];
        return new(KeptAnswers.IdOf(parts), TimeOrderedId.Parse(mark) is { } id ? TimeOrderedId.TimeOf(id) : null);
    }

    /// <summary>The answer to a form that is good for nothing.</summary>
    public static IResult OldForm() => ErrorPages.Of(StatusCodes.Status400BadRequest, ErrorWords.OldForm);

    /// <summary>Whether a form is too old for its answer to be known, or its mark none of ours.</summary>
    public bool IsOutOfDate(SentForm form) => !(form.ShownAt > clock.GetUtcNow().UtcDateTime - Lifetime);

    /// <summary>The answer that the form had before; null where it had none. Waits for one that is being made.</summary>
    public async Task<IResult?> FindAsync(HttpContext http, SentForm form)
    {
        for (int i = 0; i < Pauses; i++)
        {
            if (kept.Find(form.Id) is not { } found) return null;
            if (found.Sealed is { } text) return seal.Open(http, text) is { } answer ? Again(answer) : OldForm();
            await Task.Delay(Pause, http.RequestAborted);
        }
        return ErrorPages.Of(StatusCodes.Status409Conflict, ErrorWords.LostAnswer);
    }

    // Much may have been done since: what was true at once is not said of later.
    private IResult Again(FormAnswer answer) => clock.GetUtcNow().UtcDateTime - answer.At <= ShortLifetime ? answer
        : ErrorPages.Of(StatusCodes.Status409Conflict, ErrorWords.SentBefore(answer.At));

    /// <summary>Acts, unless somebody does or has with the same form; then the answer is the same.</summary>
    public async Task<object?> OnceAsync(HttpContext http, SentForm form, Func<ValueTask<object?>> act)
    {
        while (!await kept.ClaimAsync(form.Id, Lifetime))
            if (await FindAsync(http, form) is { } same) return same;
        // Where this throws it may have been done: the claim stays, and the next one is told that this is not known.
        var answer = await FormAnswer.TakeAsync(http, act) with { At = clock.GetUtcNow().UtcDateTime };
        if (answer.IsForLater) await kept.ReleaseAsync(form.Id);
        else await kept.KeepAsync(form.Id, seal.Seal(answer), IsForLong(http, answer) ? Lifetime : ShortLifetime, OwnerOf(answer));
        return answer;
    }

    private static KeptFor? OwnerOf(FormAnswer answer) =>
        answer.Account is { } account ? KeptFor.Account("form", account, MostOfAccount) : null;

    // A session that began with a form may be over when its answer is given again, and another have begun.
    private static bool IsForLong(HttpContext http, FormAnswer answer) => answer.IsRedirect && !answer.SetsSession
        && http.GetEndpoint()?.Metadata.GetMetadata<OpenPage>() is null;
}

/// <summary>A form that was sent.</summary>
/// <param name="Id">Of the form, its browser and all that was typed: what is typed otherwise is another.</param>
/// <param name="ShownAt">When its page was shown, UTC; null where its mark says nothing.</param>
internal sealed record SentForm(string Id, DateTime? ShownAt);

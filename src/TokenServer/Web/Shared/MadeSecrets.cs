using Microsoft.AspNetCore.DataProtection;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Storage;

namespace TokenServer.Web.Shared;

/// <summary>Secrets that were just made, on their way from the form that made them to the page that shows them once: sealed, and for the
/// session alone that made them. The address says where they wait, not what they are (docs/decisions/0041).</summary>
internal sealed class MadeSecrets(KeptAnswers kept, IDataProtectionProvider protection)
{
    /// <summary>What the address of the page says it by.</summary>
    public const string Query = "made";
    private const int KeyLength = 22, CheckLength = 11, MostOfAccount = 20;

    // A page follows its form at once; a slow line has time.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>To a page, which shows what was made.</summary>
    public async Task<IResult> ShowAsync(HttpContext http, string path, params string[] lines)
    {
        string key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        key += CheckOf(http, key);
        await kept.PutAsync(IdOf(http.Visitor(), key), Protector(http.Visitor()).Protect(string.Join('\n', lines)), Lifetime,
            KeptFor.Account(Query, http.Visitor().Account.Id, MostOfAccount));
        return Go.To($"{path}?{Query}={key}");
    }

    /// <summary>Takes what the address speaks of, for the page that is asked for.</summary>
    public async Task TakeAsync(HttpContext http)
    {
        if (http.FindVisitor() is not { } visitor || http.Request.Query[Query] is not [{ Length: KeyLength + CheckLength } key]) return;
        // An address that somebody else made up is not said to have shown anything.
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(CheckOf(http, key[..KeyLength])),
            Encoding.UTF8.GetBytes(key[KeyLength..]))) return;
        string? taken = await kept.TakeAsync(IdOf(visitor, key));
        http.Features.Set(new Made(taken is null ? null : Protector(visitor).Unprotect(taken).Split('\n')));
    }

    // By what nobody else knows of the browser, and for the session alone.
    private static string CheckOf(HttpContext http, string key) => KeptAnswers.IdOf(
        ["made check", SessionOf(http.Visitor()), http.Request.Cookies[WebModule.AntiforgeryCookie] ?? "", key])[..CheckLength];

    private static string IdOf(Visitor visitor, string key) => KeptAnswers.IdOf(["made", SessionOf(visitor), key]);

    private IDataProtector Protector(Visitor visitor) => protection.CreateProtector("MadeSecret", SessionOf(visitor));

    private static string SessionOf(Visitor visitor) => TimeOrderedId.ToText(visitor.Session.Id);
}

/// <summary>What was made, as its page shows it.</summary>
/// <param name="Lines">What the form gave; null where it was shown before, or waited too long.</param>
internal sealed record Made(string[]? Lines);

/// <summary>What was made, for the pages.</summary>
internal static class MadeOnce
{
    /// <summary>What the form gave; null where nothing was made, or it was shown before.</summary>
    public static string[]? Made(this HttpContext http) => http.Features.Get<Made>()?.Lines;
}

using TokenServer.Accounts.Passkeys;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>What a page needs to have the browser make or show a passkey, and what comes back with its form. A random value in a cookie
/// ties the two to one browser, for all its pages together.</summary>
internal sealed class PasskeyOffers(RelyingParties parties, UserPasskeys passkeys, PasskeySignIn signIn, Issuer issuer)
{
    public const string CookieName = "tokenserver_passkeys";
    private const int KeyLength = 43, LongestAnswer = 16384, LongestCeremony = 4096;

    /// <summary>Whether passkeys can be made and shown here; why not, in words, where they cannot.</summary>
    public string? WhyNot(HttpContext context) => parties.Of(issuer.Of(context.Request)).Why;

    /// <summary>For a stranger's sign-in: anybody's passkey. Null where browsers have none for this server.</summary>
    public async Task<PasskeyOffer?> ForAnybodyAsync(HttpContext context) =>
        Party(context) is { } party ? Offer(party, await signIn.AskToShowAsync(party, null, EnsureKey(context))) : null;

    /// <summary>For the visitor's own sign-in once more; null also where the account has no passkey.</summary>
    public async Task<PasskeyOffer?> ForVisitorAsync(HttpContext context)
    {
        var account = context.Visitor().Account;
        if (Party(context) is not { } party || passkeys.Of(account.Id) is not { Count: > 0 } own) return null;
        return Offer(party, await signIn.AskToShowAsync(party, new(account.Subject, own), EnsureKey(context)));
    }

    /// <summary>Whether the visitor could sign in again by a passkey.</summary>
    public bool HasPasskeys(HttpContext context) => Party(context) is not null && passkeys.Of(context.Visitor().Account.Id).Count > 0;

    /// <summary>For a new passkey of the visitor's.</summary>
    public async Task<PasskeyOffer?> ForNewAsync(HttpContext context) => Party(context) is { } party
        ? Offer(party, await passkeys.AskToMakeAsync(party, context.Visitor().Account.Id, EnsureKey(context))) : null;

    /// <summary>What a form brought back; null where it brought nothing that could be an answer.</summary>
    public ShownPasskey? Read(HttpContext context) =>
        Party(context) is { } party && context.Request.Text("credential", LongestAnswer) is { } credential
        && context.Request.Text("ceremony", LongestCeremony) is { } ceremony
            ? new ShownPasskey(credential, ceremony, Key(context) ?? "", party) : null;

    private RelyingParty? Party(HttpContext context) => parties.Of(issuer.Of(context.Request)).Party;

    private static PasskeyOffer Offer(RelyingParty party, PasskeyRequest asked) => new(asked.Options, asked.Ceremony, party.Origin);

    private static string? Key(HttpContext context) =>
        context.Request.Cookies[CookieName] is { Length: KeyLength } value ? Hash(value) : null;

    private static string EnsureKey(HttpContext context)
    {
        if (Key(context) is { } known) return known;
        string value = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        // Lax, as the session's: a client may send the browser to a page that offers passkeys.
        context.Response.Cookies.Append(CookieName, value, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps,
            Path = context.Request.PathBase + WebModule.Account, IsEssential = true,
        });
        return Hash(value);
    }

    private static string Hash(string value) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}

/// <summary>What a page carries for its script.</summary>
/// <param name="Options">For the browser, JSON as WebAuthn section 5.1 has it.</param>
/// <param name="Ceremony">The sealed challenge.</param>
/// <param name="Origin">Where the browser has to be for it.</param>
internal sealed record PasskeyOffer(string Options, string Ceremony, string Origin);

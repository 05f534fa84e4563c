using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using TokenServer.Accounts;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.SignIns;

/// <summary>The sessions that browsers hold: the framework's sealed cookie names one, and the core says at each request whether it goes on.
/// The cookie ends when it is idle, the session when the core says so, wherever that was decided.</summary>
internal sealed class BrowserSessions(OpenSessions open, UserSessions sessions, UserAccounts accounts,
    IOptionsMonitor<CookieAuthenticationOptions> cookies, TimeProvider clock)
{
    public const string CookieName = "tokenserver_session";
    // Antiforgery ties a form to the claim of this name alone: to the account, so that a form in another tab is still good after signing in
    // again. The session is looked at with each request.
    private const string AccountClaim = "sub", SessionClaim = "sid";

    /// <summary>Without a request for so long the browser is signed out.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    /// <summary>Who sent the request, null for a stranger: sets its <see cref="Visitor"/> and user, or takes a cookie back that is good
    /// for nothing.</summary>
    public async Task<Visitor?> ReadAsync(HttpContext context)
    {
        var cookie = await context.AuthenticateAsync(CookieName);
        if (cookie.Principal is not { } principal) return null;
        bool isAhead = cookie.Properties?.IssuedUtc is { } at && StoredTime.IsAhead(at.UtcDateTime, clock.GetUtcNow().UtcDateTime);
        if (isAhead || Find(principal) is not { } visitor)
        {
            await context.SignOutAsync(CookieName);
            return null;
        }
        context.Features.Set(visitor);
        context.User = principal;
        return visitor;
    }

    /// <summary>Whether the browser is or was the account's: it shows the cookie of a sign-in, over by being idle or not.</summary>
    public bool IsOrWas(HttpContext context, int accountId) =>
        FormerOf(context)?.FindFirstValue(AccountClaim) == AccountText(accountId);

    /// <summary>Who the browser was signed in as, over or not: its cookie's seal is good, which is all that is looked at. Null for a
    /// stranger's.</summary>
    public ClaimsPrincipal? FormerOf(HttpContext context)
    {
        var options = cookies.Get(CookieName);
        return options.CookieManager.GetRequestCookie(context, CookieName) is { } shown
            ? options.TicketDataFormat.Unprotect(shown)?.Principal : null;
    }

    /// <summary>The account that a principal of ours stands for; null where it stands for none.</summary>
    public static int? AccountOf(ClaimsPrincipal principal) =>
        int.TryParse(principal.FindFirstValue(AccountClaim), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;

    /// <summary>Gives the browser <paramref name="session"/>, which has just started; the one it had is over.</summary>
    public async Task StartAsync(HttpContext context, Session session)
    {
        if (context.FindVisitor() is { } former) await sessions.ReplaceSignInAsync(former.Owner(context), session);
        Claim[] claims = [new(AccountClaim, AccountText(session.AccountId)), new(SessionClaim, TimeOrderedId.ToText(session.Id))];
        await context.SignInAsync(CookieName, new ClaimsPrincipal(new ClaimsIdentity(claims, CookieName)));
    }

    /// <summary>Signs the browser out: its session ends, and what was begun from it without <c>offline_access</c>.</summary>
    public async Task EndAsync(HttpContext context)
    {
        if (context.FindVisitor() is { } visitor) await sessions.EndSignInAsync(visitor.Owner(context));
        await context.SignOutAsync(CookieName);
        // What is shown from here on is shown to a stranger.
        context.Features.Set<Visitor>(null);
        context.User = new ClaimsPrincipal(new ClaimsIdentity());
    }

    private static string AccountText(int id) => id.ToString(CultureInfo.InvariantCulture);

    private Visitor? Find(ClaimsPrincipal principal)
    {
        if (AccountOf(principal) is not { } id || TimeOrderedId.Parse(principal.FindFirstValue(SessionClaim)) is not { } sid) return null;
        return accounts.Find(id) is { DisabledAt: null } account
            && open.Find(id, sid) is { } session ? new Visitor(account, session) : null;
    }

    /// <summary>The cookie's settings.</summary>
    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        // It comes along when a client sends the browser here. Nothing is done by a GET, and every form has an antiforgery token.
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = Idle;
        options.SlidingExpiration = true;
        // The framework renews in the second half only, and would end a session that was idle for half the time.
        options.Events.OnCheckSlidingExpiration = sliding =>
        {
            sliding.ShouldRenew = sliding.ElapsedTime >= Precision;
            return Task.CompletedTask;
        };
    }
}

/// <summary>Registers them.</summary>
internal static class BrowserSessionsModule
{
    public static IServiceCollection AddBrowserSessions(this IServiceCollection services)
    {
        services.AddAuthentication().AddCookie(BrowserSessions.CookieName, BrowserSessions.Configure);
        return services.AddSingleton<BrowserSessions>();
    }
}

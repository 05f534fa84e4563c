using TokenServer.Audit;
using TokenServer.RateLimits;
using TokenServer.Sessions;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.SignIns;

/// <summary>Who looks at a page: an account, by a session that goes on.</summary>
internal sealed record Visitor(AccountSnapshot Account, OpenSession Session)
{
    /// <summary>Who changes what, for the core.</summary>
    public Owner Owner(HttpContext context) => new(Account.Id, Session.Id, ClientAddress.Of(context));
}

/// <summary>The visitor of a request that has passed the filter.</summary>
internal static class Visitors
{
    /// <summary>Null for a stranger.</summary>
    public static Visitor? FindVisitor(this HttpContext context) => context.Features.Get<Visitor>();

    /// <summary>On pages that are not open to strangers.</summary>
    public static Visitor Visitor(this HttpContext context) =>
        context.FindVisitor() ?? throw new InvalidOperationException("nobody is signed in");

    /// <summary>Who administers, for the core.</summary>
    public static Actor Actor(this HttpContext context) =>
        new(context.Visitor().Account.Subject, ClientAddress.Of(context)) { Role = context.Visitor().Account.Role };

    /// <summary>Who changes what, for the core.</summary>
    public static Owner Owner(this HttpContext context) => context.Visitor().Owner(context);
}

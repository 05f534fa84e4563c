using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Logout;

/// <summary>The pages of a logout that a client asked for.</summary>
internal sealed class LogoutPages(LogoutTargets targets) : ILogoutPages
{
    public Task AskAsync(HttpContext context, LogoutTarget target)
    {
        // A browser holds the redirect after the form to what the page allows.
        FormTargets.Allow(context, target.Address);
        return new Page<AskSignOutPage>(new SignOutForm(target.ClientName, target.Address is { } address ? targets.Seal(address) : null))
            .ExecuteAsync(context);
    }

    public Task DoneAsync(HttpContext context) => new Page<SignedOutPage>().ExecuteAsync(context);

    public Task RefuseAsync(HttpContext context, int status, string error, string description) =>
        new Page<RefusedLogoutPage>(new RefusedRequest(status, error, description), status).ExecuteAsync(context);
}

/// <summary>What the page that asks shows: the client, if it is known, and where it leads, sealed.</summary>
internal sealed record SignOutForm(string? ClientName, string? Target);

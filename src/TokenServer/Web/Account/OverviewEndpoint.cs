using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Passkeys;
using TokenServer.Accounts.Tunnels;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account: what the account has.</summary>
internal static class OverviewEndpoint
{
    public static void Map(RouteGroupBuilder pages) =>
        pages.MapGet("", IResult (HttpContext context,
            UserTunnels tunnels, UserApiKeys keys, Consents consents, OpenSessions sessions, UserPasskeys passkeys) =>
        {
            int id = context.Visitor().Account.Id;
            return new Page<OverviewPage>(new Overview(tunnels.Of(id).Count, keys.Of(id).Count, consents.Of(id).Count,
                sessions.Of(id).Count, passkeys.Of(id).Count));
        });
}

/// <summary>What the overview counts.</summary>
internal sealed record Overview(int Tunnels, int Keys, int Apps, int Sessions, int Passkeys);

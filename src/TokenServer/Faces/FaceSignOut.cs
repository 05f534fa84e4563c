using TokenServer.Audit;
using TokenServer.RateLimits;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Faces;

/// <summary>Logging out by a face: the session is over everywhere, its refresh token too.</summary>
internal sealed class FaceSignOut(UserSessions sessions, TimeProvider clock)
{
    public Task EndAsync(HttpContext context, Bearer bearer)
    {
        long session = bearer.Token!.SessionId!.Value;
        return sessions.EndAsync(session, new AuditEvent("session.ended", clock.GetUtcNow().UtcDateTime)
        {
            Actor = bearer.Account!.Subject, Target = TimeOrderedId.ToText(session),
            ClientId = bearer.Token.Client!.ClientId, Address = ClientAddress.Of(context),
        });
    }
}

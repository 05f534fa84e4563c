using TokenServer.Audit;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Audit;

/// <summary>/admin/audit: who did what to which, from where, when; and whether the trail is as it was written.</summary>
internal static class AuditEndpoints
{
    public const string Path = WebModule.Console + "/audit";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/audit", IResult (HttpContext context, AuditLog log) => List(context, log));
        pages.MapGet("/audit/verify", IResult () => new Page<VerifyPage>());
        pages.MapPost("/audit/verify", IResult (AuditVerification verification) => new Page<VerifyPage>(verification.Verify()));
    }

    private static Page<AuditPage> List(HttpContext context, AuditLog log)
    {
        var query = new ListQuery(context.Request);
        var filter = new AuditFilter(query.Text("event", "The event"), query.Text("actor", "The actor"),
            query.Text("target", "The target"), query.Text("client", "The client"), query.Time("from", "From"), query.Time("to", "To"));
        long? before = query.Before;
        var list = query.Page(() => log.List(filter, before, ListQuery.Limit), e => e.Id);
        return new Page<AuditPage>(list, list.Status);
    }
}

using TokenServer.Audit;

namespace TokenServer.Admin.Audit;

/// <summary>GET /admin/api/audit: who did what to which, from where, when; the newest first.</summary>
internal static class AuditEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/audit", List);

    private static IResult List(HttpContext context, AuditLog log)
    {
        var (page, problem) = PageRequest.Of(context.Request, "event", "actor", "target", "client_id", "from", "to");
        var query = new Query(context.Request);
        var filter = new AuditFilter(query.Text("event"), query.Text("actor"),
            query.Text("target"), query.Text("client_id"), query.Time("from"), query.Time("to"));
        if ((problem ?? query.Problem) is { } wrong) return wrong;
        return page!.Answer(log.List(filter, page.Before, page.Limit + 1), e => e.Id, AuditAnswer.Of, AdminJson.Default.AuditAnswer);
    }
}

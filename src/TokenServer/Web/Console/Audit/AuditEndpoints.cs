using TokenServer.Audit;
using TokenServer.Finding;
using TokenServer.Storage;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Audit;

/// <summary>/admin/audit: who did what to which, from where, when; and whether the trail is as it was written.</summary>
internal static class AuditEndpoints
{
    public const string Path = WebModule.Console + "/audit";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/audit", IResult (HttpContext context, AuditLog log, AuditSearch search) => List(context, log, search));
        pages.MapGet("/audit/verify", IResult () => new Page<VerifyPage>());
        pages.MapPost("/audit/verify", IResult (AuditVerification verification) => new Page<VerifyPage>(verification.Verify()))
            .OnlyAsks();
    }

    private static Page<AuditPage> List(HttpContext context, AuditLog log, AuditSearch search)
    {
        var query = new ListQuery(context.Request);
        var part = query.Part;
        var filter = new AuditFilter(query.Text("event"), query.Text("actor"), query.Text("target"), query.Text("client"),
            query.Time("from"), query.Time("to"))
        {
            Events = query.OneOf("group", AuditGroups.Names) is { } group ? AuditGroups.Of(group) : null,
            Reason = query.Text("reason"),
        };
        if (query.Problem is null) filter = filter with { Meaning = search.Of(part) };
        var list = query.Page(wanted => log.List(filter, wanted), e => e.Id);
        return new Page<AuditPage>(new AuditShown(list, search.NamesOf(list.Items)), list.Status);
    }
}

/// <summary>What the page of the trail shows: entries, and what people call the accounts in them.</summary>
internal sealed record AuditShown(ListOf<AuditEntry> List, IReadOnlyDictionary<int, AccountName> Names);

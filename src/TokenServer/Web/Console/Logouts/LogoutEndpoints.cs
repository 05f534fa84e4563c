using TokenServer.BackChannel;
using TokenServer.Clients;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Logouts;

/// <summary>/admin/logouts: which clients are still to be told of a session's end, and which could not be.</summary>
internal static class LogoutEndpoints
{
    public const string Path = WebModule.Console + "/logouts";

    public static void Map(RouteGroupBuilder pages) => pages.MapGet("/logouts",
        IResult (HttpContext context, LogoutList logouts, ClientRegistry clients) => List(context, logouts, clients));

    private static Page<LogoutsPage> List(HttpContext context, LogoutList logouts, ClientRegistry clients)
    {
        var query = new ListQuery(context.Request);
        // A client that is not there is told of nothing; no row has this number.
        long? client = query.Text("client") is { } name ? clients.Find(name)?.Id ?? 0 : null;
        var filter = new LogoutFilter(client, query.OneOf("status", LogoutSummary.Waiting, LogoutSummary.Failed))
        {
            Part = query.Part, NamedClients = query.Part is { } part
                ? [.. clients.All.Where(c => part.IsIn(c.ClientId) || part.IsIn(c.Name)).Select(c => c.Id)] : [],
        };
        var list = query.Page(stretch => logouts.List(filter, stretch).ConvertAll(d =>
            new LogoutLine(d, clients.FindRow(d.ClientRow)?.ClientId)), line => line.Delivery.Id, most => logouts.Count(filter, most));
        return new Page<LogoutsPage>(new LogoutsShown(list, logouts.Count(client)), list.Status);
    }
}

/// <summary>A delivery with its client's id; null where the client is gone.</summary>
internal sealed record LogoutLine(LogoutSummary Delivery, string? ClientId);

/// <summary>What the page shows.</summary>
internal sealed record LogoutsShown(ListOf<LogoutLine> List, LogoutFigures Figures);

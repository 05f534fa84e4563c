using InstallLifecycle;
using InstallLifecycle.Codes;
using InstallLifecycle.Listing;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Installs;

/// <summary>/admin/installs: codes and activations, with their receipts; revoke a code.</summary>
internal static class InstallEndpoints
{
    public const string Path = WebModule.Console + "/installs", Activations = Path + "/activations";
    public static readonly string[] CodeStatuses = ["issued", "prechecked", "activated", "confirmed", "expired", "revoked"],
        ActivationStatuses = ["activated", "confirmed", "released", "expired", "revoked"];

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/installs", IResult (HttpContext context, Lifecycle lifecycle) =>
            List<CodesPage, CodeSummary>(context, CodeStatuses, lifecycle.Codes, lifecycle.CountCodes, c => c.Id));
        pages.MapGet("/installs/activations", IResult (HttpContext context, Lifecycle lifecycle) =>
            List<ActivationsPage, ActivationSummary>(context, ActivationStatuses, lifecycle.Activations, lifecycle.CountActivations,
                a => a.Id));
        pages.MapGet("/installs/activations/{id}/receipt", IResult (string id, Lifecycle lifecycle) =>
            lifecycle.FindReceipt(id) is { } receipt
                ? new Page<ReceiptPage>(new ShownReceipt(id, receipt)) : ErrorPages.Of(Fault.NotFound));
        pages.MapGet("/installs/activations/{id}/receipt.jwt", IResult (string id, Lifecycle lifecycle) =>
            lifecycle.FindReceipt(id) is { } receipt
                ? Results.File(Encoding.ASCII.GetBytes(receipt + "\n"), "application/jwt", $"receipt-{id}.jwt")
                : ErrorPages.Of(Fault.NotFound));
        pages.MapGet("/installs/codes/{id}/revoke", (HttpContext context, string id, Lifecycle lifecycle) =>
            RevokeAsync(context, id, lifecycle, isDryRun: true)).AfterRecentSignIn();
        pages.MapPost("/installs/codes/{id}/revoke", (HttpContext context, string id, Lifecycle lifecycle) =>
            RevokeAsync(context, id, lifecycle, isDryRun: false)).AfterRecentSignIn();
    }

    /// <summary>Where an install's receipt is shown.</summary>
    public static string ReceiptOf(string activationId) => $"{Activations}/{activationId}/receipt";

    /// <summary>A page of a list of the lifecycle's.</summary>
    public static Page<TPage> List<TPage, T>(HttpContext context, string[] statuses,
        Func<ListRequest, IReadOnlyList<T>> read, Func<ListRequest, int> count, Func<T, long> id) where TPage : PageComponent
    {
        var query = new ListQuery(context.Request);
        var request = new ListRequest(query.OneOf("status", statuses), null, 0) { Pattern = query.Part?.Pattern };
        var list = query.Page(stretch => read(request with
        {
            Before = stretch.Before, After = stretch.After, IsAscending = stretch.IsAscending, Limit = stretch.Limit,
        }), id, most => count(request with { Limit = most }));
        return new Page<TPage>(list, list.Status);
    }

    /// <summary>Who administers, for the lifecycle.</summary>
    public static Caller Caller(this HttpContext context) => InstallLifecycle.Caller.Of(context, context.Actor().Name);

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, Lifecycle lifecycle, bool isDryRun)
    {
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long code)) return ErrorPages.Of(Fault.NotFound);
        var (servers, refused) = await lifecycle.RevokeCodeAsync(code, context.Caller(), isDryRun);
        if (refused == CodeRevocationRefused.NotThere) return ErrorPages.Of(Fault.NotFound);
        if (refused is null && !isDryRun) return Go.To(Path, Notice.CodeRevoked);
        var asked = new Confirmation(InstallActWords.RevokeCode(code), Path) { Radius = new BlastRadius(Servers: servers) };
        return refused is null ? asked.Ask() : (asked with { Error = InstallActWords.TooLate }).Ask(StatusCodes.Status409Conflict);
    }
}

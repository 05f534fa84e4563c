using InstallLifecycle.Codes;

namespace InstallLifecycle.Receipts;

/// <summary>GET /.well-known/install-receipt-keys, for everybody; GET /api/v2/slowdns/install/receipt, for who was installed and lost
/// the answer that had it; GET /api/v2/slowdns/code/receipt, for the browser session that issued the code, as a file (contract
/// section 5b).</summary>
internal static class ReceiptEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/.well-known/install-receipt-keys", KeysAsync);
        routes.MapGet("/api/v2/slowdns/install/receipt", OfInstallAsync);
        routes.MapGet("/api/v2/slowdns/code/receipt", OfCodeAsync);
    }

    private static Task KeysAsync(HttpContext context, InstallReceipts receipts)
    {
        byte[] keys = receipts.Keys();
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json; charset=utf-8", keys.Length);
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return context.Response.Body.WriteAsync(keys).AsTask();
    }

    private static async Task OfInstallAsync(HttpContext context, InstallReceipts receipts, Refusals refusals)
    {
        var outcome = receipts.Of(BearerToken.Of(context) ?? "");
        outcome = await refusals.RecordAsync("receipt", Caller.Of(context), outcome);
        await Envelope.WriteAsync(context, StatusCodes.Status200OK, outcome, InstallJson.Wire.ReceiptAnswer, "Install receipt");
    }

    private static async Task OfCodeAsync(HttpContext context, InstallReceipts receipts, BrowserSession sessions, string? activation_id)
    {
        string? receipt = sessions.Read(context.Request) is { } session && activation_id is not null
            ? receipts.Of(activation_id, Requester.HashOf(session)) : null;
        if (receipt is null)
        {
            await Envelope.WriteAsync(context, sessions.Read(context.Request) is null
                ? InstallError.BrowserSessionRequired : InstallError.ReceiptNotFound);
            return;
        }
        await WriteFileAsync(context, activation_id!, receipt);
    }

    /// <summary>Writes a receipt as a file to keep.</summary>
    public static Task WriteFileAsync(HttpContext context, string activationId, string receipt)
    {
        byte[] file = Encoding.ASCII.GetBytes(receipt + "\n");
        (context.Response.ContentType, context.Response.ContentLength) = ("application/jwt", file.Length);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"receipt-{activationId}.jwt\"";
        return context.Response.Body.WriteAsync(file).AsTask();
    }
}

/// <summary>A receipt again.</summary>
/// <param name="ActivationId">Whose it is.</param>
/// <param name="Receipt">The JWT.</param>
internal sealed record ReceiptAnswer(string ActivationId, string Receipt);

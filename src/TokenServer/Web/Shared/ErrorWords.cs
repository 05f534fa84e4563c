using TokenServer.Foundation;

namespace TokenServer.Web.Shared;

/// <summary>What the error page says where no page of its own does.</summary>
internal static class ErrorWords
{
    public const string OtherSite = "This form was sent from another site, so nothing was done.",
        TooOften = "There were too many attempts from your address. Wait a minute and try again.",
        OtherRole = "Your account may not use this page.",
        OtherRank = "Only an administrator may do this to an account that administers.",
        OldForm = "This form is out of date, so nothing was done. Go back, reload the page and try again.",
        LostAnswer = "This form was sent before, and its answer was lost. Whether it was done is not known: "
            + "look, and open the page again to do it.";

    /// <summary>That a form was answered long ago.</summary>
    /// <param name="at">When, UTC.</param>
    public static string SentBefore(DateTime at) => string.Create(CultureInfo.InvariantCulture,
        $"This form was sent before, at {at:HH:mm} UTC, and nothing was done now. Open the page again to do it once more.");

    public static string Of(Fault fault) => fault switch
    {
        Fault.HttpsRequired => "This page is served over HTTPS only.",
        Fault.NotFound => "There is no such page.",
        Fault.MethodNotAllowed => "This address cannot be used like that.",
        Fault.UnsupportedMediaType => "This address takes forms only.",
        Fault.PayloadTooLarge => "What was sent is too large.",
        Fault.Unavailable => "The server is busy. Wait a moment and try again.",
        Fault.Internal => "The server failed. The error is in its log.",
        _ => "The request was not understood.",
    };
}

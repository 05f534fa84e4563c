using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Codes.Page;

/// <summary>What became of an install, as the page says it; <c>watch.js</c> says the same of steps to come.</summary>
internal static class StepWords
{
    public static PageStep Of(StepRow step) => new(step.Id, step.Time, Title(step), Text(step), Kind(step),
        step.ActivationId is { } id ? $"/api/v2/slowdns/code/receipt?activation_id={id}" : null);

    private static string Title(StepRow step) => step.Name switch
    {
        StepRow.Issued => "Code issued",
        StepRow.Prechecked => "Code accepted",
        StepRow.Activated => "Install begun",
        StepRow.Registered => "Agent registered",
        StepRow.Confirmed => "Installed",
        StepRow.Released => "Install failed, and was taken back",
        StepRow.Expired => "Code expired",
        _ => "Ended by an administrator",
    };

    private static string Text(StepRow step) => step.Name switch
    {
        StepRow.Issued => step.Hint,
        StepRow.Prechecked => $"From the machine whose id ends in {step.Machine} and whose SSH host key ends in {step.Key}.",
        StepRow.Activated => $"As {step.Hostname}.",
        StepRow.Registered => "The server has given it its token.",
        StepRow.Confirmed => "The server checks in from now on.",
        StepRow.Released => (step.Reason is { } reason ? $"Reason: {Sentence(reason)} " : "") + (step.IsRestored == true
            ? "The code may be used again: run the installer once more." : "Get a new code to try again."),
        StepRow.Expired => "Get a new code to try again.",
        _ => "Get a new code, or ask why.",
    };

    private static string Sentence(string text) => text[^1] is '.' or '!' or '?' ? text : text + ".";

    private static string Kind(StepRow step) => step.Name switch
    {
        StepRow.Confirmed => "good",
        StepRow.Released or StepRow.Expired or StepRow.Revoked => "bad",
        _ => "",
    };
}

/// <summary>A step as the page shows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Time">When.</param>
/// <param name="Title">What happened.</param>
/// <param name="Text">More of it.</param>
/// <param name="Kind"><c>good</c>, <c>bad</c> or nothing.</param>
/// <param name="Receipt">Where the receipt is; null before there is one.</param>
public sealed record PageStep(long Id, DateTimeOffset Time, string Title, string Text, string Kind, string? Receipt);

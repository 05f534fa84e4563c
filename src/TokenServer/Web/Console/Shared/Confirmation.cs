using TokenServer.Sessions;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Shared;

/// <summary>What a page asks before an act; its form goes to its own address.</summary>
/// <param name="Words">What it says.</param>
/// <param name="Back">The page to go to instead.</param>
internal sealed record Confirmation(ActWords Words, string Back)
{
    /// <summary>The field of the tick.</summary>
    public const string TickField = "sure";

    /// <summary>What dies; null where nothing does.</summary>
    public BlastRadius? Radius { get; init; }

    /// <summary>What dies, where that is something else: what it is, and how many; null where nothing is counted.</summary>
    public IReadOnlyList<(string What, long Count)>? Figures { get; init; }

    /// <summary>What must be ticked before it is done; null where nothing has to be.</summary>
    public string? Tick { get; init; }

    /// <summary>What there is to choose of, beside to do it or not.</summary>
    public Choices? Choices { get; init; }

    /// <summary>Why it was not done.</summary>
    public string? Error { get; init; }
    public bool IsHarmless { get; init; }

    /// <summary>Whether there is nothing to do.</summary>
    public bool HasNothing { get; init; }

    /// <summary>Whether a form has the tick.</summary>
    public static bool IsTicked(HttpRequest request) => request.Text(TickField, 10) is not null;

    public IResult Ask(int status = StatusCodes.Status200OK) => new Page<ConfirmationPage>(this, status);
}

/// <summary>The words of a confirmation.</summary>
/// <param name="Title">The act.</param>
/// <param name="Does">What it does, in a sentence or two.</param>
/// <param name="Button">The act again, as short as it goes.</param>
internal sealed record ActWords(string Title, string Does, string Button);

/// <summary>A field of a confirmation with a few values: what is sent → what is read.</summary>
internal sealed record Choices(string Field, string Label, IReadOnlyList<(string Value, string Text)> Values);

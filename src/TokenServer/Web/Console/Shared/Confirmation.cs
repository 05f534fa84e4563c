using TokenServer.Sessions;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Shared;

/// <summary>What a page asks before an act; its form goes to its own address.</summary>
/// <param name="Title">The act.</param>
/// <param name="Does">What it does, in a sentence or two.</param>
/// <param name="Button">The act again, as short as it goes.</param>
/// <param name="Back">The page to go to instead.</param>
internal sealed record Confirmation(string Title, string Does, string Button, string Back)
{
    /// <summary>What dies; null where nothing does.</summary>
    public BlastRadius? Radius { get; init; }

    /// <summary>Codes that die, for keys.</summary>
    public int? Codes { get; init; }

    /// <summary>Why it was not done.</summary>
    public string? Error { get; init; }
    public bool IsHarmless { get; init; }

    public IResult Ask(int status = StatusCodes.Status200OK) => new Page<ConfirmationPage>(this, status);
}

using System.Diagnostics.CodeAnalysis;

namespace InstallLifecycle.Storage.Rows;

/// <summary>A step of an install, as the browser that asked for its code is told of it (contract section 5b, watching).
/// Rows are only ever added, and their numbers grow in the order of the commits.</summary>
internal sealed class StepRow
{
    public const string Issued = "issued", Prechecked = "prechecked", Activated = "activated", Registered = "registered",
        Confirmed = "confirmed", Released = "released", Expired = "expired", Revoked = "revoked";

    /// <summary>A step of <paramref name="code"/>.</summary>
    [SetsRequiredMembers]
    public StepRow(CodeRow code, string name, DateTime time) => (Session, Hint, Name, Time) = (code.Session, code.Hint, name, time);

    public StepRow()
    {
    }

    public long Id { get; init; }

    /// <summary>The code's browser session, hashed as the code's row has it.</summary>
    public required string Session { get; set; }
    public required string Hint { get; set; }
    public required string Name { get; set; }
    public DateTime Time { get; set; }

    /// <summary>The last four characters of the machine's id; with a precheck, as the next one.</summary>
    public string? Machine { get; set; }

    /// <summary>The last four characters of the fingerprint of its SSH host key.</summary>
    public string? Key { get; set; }

    /// <summary>With an activation.</summary>
    public string? Hostname { get; set; }

    /// <summary>With a release: why, in the installer's words.</summary>
    public string? Reason { get; set; }

    /// <summary>With a confirmation, whose receipt it names; before that, who knows it may release the install.</summary>
    public string? ActivationId { get; set; }

    /// <summary>With a release: whether the code may be used again.</summary>
    public bool? IsRestored { get; set; }
}

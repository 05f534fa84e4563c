using System.ComponentModel.DataAnnotations;

namespace TokenServer.Accounts.Pins;

/// <summary>Settings <c>Pin</c> (contract section 8).</summary>
internal sealed class PinOptions
{
    /// <summary>The file with the PIN's hash, which <c>TokenServer pin set</c> writes.</summary>
    [Required]
    public string HashFile { get; set; } = "pin.hash";
}

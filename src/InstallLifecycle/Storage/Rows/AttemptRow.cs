namespace InstallLifecycle.Storage.Rows;

/// <summary>A request to activate that counts against the limits.</summary>
internal sealed class AttemptRow
{
    public long Id { get; set; }
    public DateTime Time { get; set; }
    public required string AddressKey { get; set; }
    public required string MachineId { get; set; }
}

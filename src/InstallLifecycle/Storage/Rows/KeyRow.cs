namespace InstallLifecycle.Storage.Rows;

/// <summary>A symmetric key, sealed under Data Protection. The newest of a purpose that has not retired is used;
/// retired ones are still understood.</summary>
internal sealed class KeyRow
{
    public required string KeyId { get; set; }
    public required string Purpose { get; set; }
    public required string Sealed { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? RetiredAt { get; set; }
}

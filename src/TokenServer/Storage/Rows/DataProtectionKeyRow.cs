namespace TokenServer.Storage.Rows;

/// <summary>A Data Protection key, where replicas share the database.</summary>
internal sealed class DataProtectionKeyRow
{
    public required string FriendlyName { get; set; }
    public required string Xml { get; set; }
}

namespace TokenServer.Storage.Rows;

/// <summary>How often something that every process keeps in memory was changed: its name and a number that grows.</summary>
internal sealed class VersionRow
{
    public required string Name { get; set; }
    public long Number { get; set; }
}

namespace TokenServer.Storage.Rows;

/// <summary>What was imported last from a file: its SHA-256, sealed, since the file holds secrets that could be guessed from it.</summary>
internal sealed class ImportRow
{
    public required string Source { get; set; }
    public required string Sealed { get; set; }
    public DateTime AppliedAt { get; set; }
}

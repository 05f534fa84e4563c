namespace TokenServer.Storage.Rows;

/// <summary>A row of LogoutDeliveries: a client that is to be told of a session's end.</summary>
internal sealed class LogoutDeliveryRow
{
    public long Id { get; set; }
    public long ApplicationId { get; set; }
    public long SessionId { get; set; }
    public required string Subject { get; set; }
    public DateTime CreatedAt { get; set; }

    /// <summary>When it is tried next, or may be by another while one tries; null where it was given up.</summary>
    public DateTime? NextAttemptAt { get; set; }
    public int Attempts { get; set; }

    /// <summary>Why the last attempt did not succeed, in words of the program's own.</summary>
    public string? LastError { get; set; }
    public DateTime? GivenUpAt { get; set; }
}

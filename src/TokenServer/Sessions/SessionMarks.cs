namespace TokenServer.Sessions;

/// <summary>What a session is known by to its account, where there is something.</summary>
internal sealed record SessionMarks
{
    /// <summary>Nothing.</summary>
    public static readonly SessionMarks None = new();

    /// <summary>What the device calls itself that it is on, where it was signed in as one.</summary>
    public string? DeviceName { get; init; }

    /// <summary>The passkey that the account signed in with.</summary>
    public long? PasskeyId { get; init; }

    /// <summary>The browser in a few words, where it was signed in by one.</summary>
    public string? Browser { get; init; }
}

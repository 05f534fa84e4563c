namespace TokenServer.Storage;

/// <summary>Something that each process keeps in memory and reads anew when another process changed it.</summary>
internal interface IKeptInMemory
{
    /// <summary>The number that <see cref="ChangeFeed"/> looks at: its row in Versions, or the last row of what was revoked.</summary>
    string VersionName { get; }

    /// <summary>Forgets how far it has read, for one that reads only what is new.</summary>
    void StartOver()
    {
    }

    /// <summary>Reads what is stored now.</summary>
    void Reload();
}

using System.Reflection;

namespace TokenServer.Backups;

/// <summary>What a backup says of itself, in its first entry.</summary>
internal sealed record BackupManifest
{
    public const string ProductName = nameof(TokenServer);
    public const int NewestFormat = 1;

    public string Product { get; init; } = ProductName;
    public int Format { get; init; } = NewestFormat;

    /// <summary>The version of the program that made it.</summary>
    public string Version { get; init; } =
        typeof(BackupManifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>When the database was as it is in the backup, UTC.</summary>
    public required DateTime Created { get; init; }

    /// <summary>The migrations that the database has had.</summary>
    public required string[] Migrations { get; init; }

    /// <summary>How many rows each of its tables has.</summary>
    public required SortedDictionary<string, long> Rows { get; init; }

    /// <summary>What follows, in this order.</summary>
    public required BackupFile[] Files { get; init; }
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">Its name in the archive, with <c>/</c> between folder and file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
internal sealed record BackupFile(string Name, long Length, string Sha256);

/// <summary>How the manifest is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;

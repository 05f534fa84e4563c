namespace TokenServer.Foundation;

/// <summary>The folder that every relative path of the settings is taken from (contract section 8).</summary>
internal sealed class DataDirectory
{
    private const string Setting = "TokenServer:DataDirectory";
    private readonly string root;

    /// <param name="configuration">Reads <c>TokenServer:DataDirectory</c>; a relative one is taken from the program's own folder.</param>
    public DataDirectory(IConfiguration configuration)
    {
        string? setting = configuration[Setting];
        root = Path.GetFullPath(string.IsNullOrWhiteSpace(setting) ? "data" : setting, AppContext.BaseDirectory);
    }

    /// <summary>Makes the folder where it is not there.</summary>
    /// <exception cref="SettingException">It cannot be made, or nothing can be written into it.</exception>
    public void Create()
    {
        try
        {
            CreatePrivate(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingException(Setting, $"the folder {root} cannot be used: {e.Message}", e);
        }
        if (UnixFiles.WhyNotWritable(root) is { } reason)
            throw new SettingException(Setting, $"{Environment.UserName} cannot write to the folder {root}: {reason}");
    }

    /// <summary>The absolute path of <paramref name="path"/>.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, root);

    /// <summary>Makes a folder that only its owner may look into.</summary>
    public static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

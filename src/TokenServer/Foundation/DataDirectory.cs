namespace TokenServer.Foundation;

/// <summary>The folder that every relative path of the settings is taken from (contract section 8).</summary>
internal sealed class DataDirectory
{
    private readonly string root;

    /// <param name="configuration">Reads <c>TokenServer:DataDirectory</c>; a relative one is taken from the program's own folder.</param>
    /// <exception cref="SettingException">The folder is not there and cannot be made.</exception>
    public DataDirectory(IConfiguration configuration)
    {
        string? setting = configuration["TokenServer:DataDirectory"];
        root = Path.GetFullPath(string.IsNullOrWhiteSpace(setting) ? "data" : setting, AppContext.BaseDirectory);
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(root);
            else Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingException("TokenServer:DataDirectory", $"the folder {root} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The absolute path of <paramref name="path"/>.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, root);
}

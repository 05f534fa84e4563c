using TokenServer.Tests.Support;

namespace TokenServer.Tests.Storage;

/// <summary>Every file of the data folder is its owner's alone, whatever the umask of who starts the program.</summary>
public sealed class FileModeTests
{
    private const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    [Fact]
    public async Task Every_file_is_0600_and_every_folder_0700()
    {
        using var folder = new TemporaryFolder();
        string data = Path.Combine(folder.Path, "data");
        await using (var server = await ServerProcess.StartAsync(data))
        {
            (await ServerProcess.RunAsync(data, ["pin", "set"], "1234")).ExitCode.Should().Be(0);
            (await ServerProcess.RunAsync(data, ["prune"])).ExitCode.Should().Be(0);
            (await server.Http.GetAsync("/account/sign-in")).EnsureSuccessStatusCode();
            ShouldBeItsOwners(data);
        }
        if (!TestDatabases.ArePostgres)
            (await ServerProcess.RunAsync(data, ["backup", Path.Combine(data, "backup.tar")])).ExitCode.Should().Be(0);
        ShouldBeItsOwners(data);
    }

    private static void ShouldBeItsOwners(string data)
    {
        string[] entries = [data, .. Directory.GetFileSystemEntries(data, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })];
        entries.Length.Should().BeGreaterThan(1);
        entries.Should().OnlyContain(e => OperatingSystem.IsWindows() || (File.GetUnixFileMode(e) & Others) == 0);
    }
}

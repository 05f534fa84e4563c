using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>The systemd units: systemd understands them, and finds little that they leave open.</summary>
public sealed class UnitTests
{
    private const string Analyze = "systemd-analyze", One = "tokenserver.service", Several = "tokenserver@.service",
        Backup = "tokenserver-backup.service", Timer = "tokenserver-backup.timer";

    /// <summary>In tenths, of ten: what a web server has without any of this is 96.</summary>
    private const int MostExposure = 15;

    [NeedsCommandFact(Analyze)]
    public async Task Systemd_has_nothing_to_say_against_them()
    {
        using var folder = new TemporaryFolder();
        foreach (string unit in (string[])[One, Several, Backup, Timer])
            // Whether the program is where it is to be is not the question.
            folder.Write(unit, (await File.ReadAllTextAsync(DeploymentFiles.PathOf(unit))).Replace("/opt/tokenserver/TokenServer", "/bin/true", StringComparison.Ordinal));
        var (code, said) = await Command.RunAsync(Analyze, ["verify", "--man=no", .. ((string[])[One, "tokenserver@5001.service", Backup, Timer]).Select(unit => Path.Combine(folder.Path, unit))]);
        (code, said.Trim()).Should().Be((0, ""));
    }

    [NeedsCommandFact(Analyze)]
    public async Task They_leave_little_open()
    {
        foreach (string unit in (string[])[One, Several])
        {
            var (code, said) = await Command.RunAsync(Analyze, ["security", "--offline=true", "--no-pager", $"--threshold={MostExposure}", DeploymentFiles.PathOf(unit)]);
            code.Should().Be(0, said);
        }
    }

    [Fact]
    public void One_replica_of_several_runs_as_one_alone_but_for_its_port()
    {
        Service(Several).Should().Equal(Service(One).Select(line => line.Replace("http://127.0.0.1:5001", "http://127.0.0.1:%i", StringComparison.Ordinal)));

        static string[] Service(string unit) => [.. File.ReadLines(DeploymentFiles.PathOf(unit)).SkipWhile(line => line != "[Service]")];
    }
}

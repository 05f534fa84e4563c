using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>deploy/tokenserver-command: a command gets what the service gets, of files that only root may read.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Script = "tokenserver-command", Bash = "bash", SetPriv = "setpriv", Terminal = "script";

    // What systemd-run makes of its options, as far as files, settings, the folder and the user go; that user is nobody, where this one may become another.
    private const string SystemdRun = """
        #!/usr/bin/env bash
        set -euo pipefail
        mkdir -m 700 "$ROOT/credentials"
        settings=()
        while [[ $1 == -* ]]; do
          value=${1#*=} value=${value#*=}
          case $1 in
            --property=LoadCredential=*) if [ -e "${value#*:}" ]; then cp "${value#*:}" "$ROOT/credentials/${value%%:*}"; else missing=${value%%:*}; fi ;;
            --property=SetCredential=*) [ -e "$ROOT/credentials/${value%%:*}" ] || printf %s "${value#*:}" >"$ROOT/credentials/${value%%:*}"; if [ "${missing:-}" = "${value%%:*}" ]; then missing=; fi ;;
            --property=EnvironmentFile=*) while IFS= read -r line; do [[ $line != [A-Z]* ]] || settings+=("$line"); done <"$value" ;;
            --property=WorkingDirectory=*) cd "$value" ;;
            --setenv=*) settings+=("${1#--setenv=}") ;;
          esac
          shift
        done
        [ -z "${missing:-}" ] || { echo "no credential $missing" >&2; exit 243; }
        chmod 400 "$ROOT/credentials"/*
        as=()
        if [ "$(id -u)" = 0 ]; then chown -R 65534 "$ROOT/credentials"; as=(setpriv --reuid=65534 --regid=65534 --clear-groups --); fi
        exec env -i PATH="$PATH" CREDENTIALS_DIRECTORY="$ROOT/credentials" "${settings[@]}" "${as[@]}" "$@"
        """;

    // A program that says what it was given.
    private const string Program = """
        #!/bin/sh
        echo "key $(cat "$TokenServer__MasterKeyFile"), password file $(cat "$PGPASSFILE"), issuer $TokenServer__Issuer, in $(pwd), data in $TokenServer__DataDirectory, $ASPNETCORE_ENVIRONMENT"
        for word; do echo "<$word>"; done
        if [ -t 0 ]; then echo "a terminal"; fi
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsCommandFact(SetPriv)]
    public async Task A_command_has_the_services_settings_master_key_and_password()
    {
        string script = await InstallAsync("*:*:tokenserver:tokenserver:secret");
        string said = await RunAsync(Bash, script, "client", "list", "two words");
        said.Should().Be($"""
            key the master key, password file *:*:tokenserver:tokenserver:secret, issuer https://id.example.com, in {folder.Path}/data, data in {folder.Path}/data, Production
            <client>
            <list>
            <two words>

            """);
    }

    [NeedsCommandFact(SetPriv)]
    public async Task Without_PostgreSQL_it_needs_no_password_file() => (await RunAsync(Bash, await InstallAsync(null), "keys", "list")).Should().Contain("password file #, issuer");

    [NeedsCommandTheory(SetPriv, Terminal)]
    [InlineData("client add job", false)]
    [InlineData("scope list", false)]
    [InlineData("user list", false)]
    [InlineData("--help", false)]
    [InlineData("user add alice", true)]
    [InlineData("user password alice", true)]
    [InlineData("pin set", true)]
    [InlineData("token revoke", true)]
    [InlineData("transfer --to -", true)]
    public async Task Who_types_a_secret_has_the_terminal_and_no_other_command_loses_what_was_pasted_after_it(string words, bool has)
    {
        string script = await InstallAsync(null);
        string said = await RunAsync(Terminal, "--quiet", "--return", "--command", $"{Bash} '{script}' {words}", "/dev/null");
        said.Contains("a terminal", StringComparison.Ordinal).Should().Be(has, said);
    }

    [Fact]
    public void It_hands_over_what_the_units_do()
    {
        foreach (string unit in (string[])["tokenserver.service", "tokenserver@.service"])
        {
            string[] handed = [.. File.ReadLines(DeploymentFiles.PathOf(unit)).Where(line => line.StartsWith("LoadCredential=", StringComparison.Ordinal) || line.StartsWith("SetCredential=", StringComparison.Ordinal) || line.StartsWith("EnvironmentFile=", StringComparison.Ordinal))];
            string[] words = File.ReadAllText(DeploymentFiles.PathOf(Script)).Split(' ', '\n');
            words.Where(word => word.Contains("Credential=", StringComparison.Ordinal) || word.Contains("EnvironmentFile=", StringComparison.Ordinal)).Select(word => word.Replace("--property=", "", StringComparison.Ordinal)).Should().BeEquivalentTo(handed, unit);
        }
    }

    // As the package does it; the script.
    private async Task<string> InstallAsync(string? password)
    {
        foreach (string made in (string[])["etc", "data", "bin", "opt"]) Directory.CreateDirectory(Path.Combine(folder.Path, made));
        folder.Write("etc/environment", "# a comment\nTokenServer__Issuer=https://id.example.com\n");
        folder.Write("etc/master-key", "the master key");
        if (password is not null) folder.Write("etc/pgpass", password);
        folder.Write("bin/systemd-run", SystemdRun);
        folder.Write("opt/TokenServer", Program);
        string script = folder.Write("command", (await File.ReadAllTextAsync(DeploymentFiles.PathOf(Script))).Replace("/etc/tokenserver", folder.Path + "/etc", StringComparison.Ordinal)
            .Replace("/var/lib/tokenserver", folder.Path + "/data", StringComparison.Ordinal).Replace("/opt/tokenserver", folder.Path + "/opt", StringComparison.Ordinal));
        await Command.RunAsync(Bash, ["-c", "chmod 755 . bin opt data bin/* opt/* && chmod 700 etc && chmod 600 etc/*"], folder.Path);
        return script;
    }

    private async Task<string> RunAsync(string program, params string[] words)
    {
        var (code, said) = await Command.RunAsync(program, words, folder.Path, ("PATH", $"{folder.Path}/bin:{Environment.GetEnvironmentVariable("PATH")}"), ("ROOT", folder.Path));
        code.Should().Be(0, said);
        return said;
    }
}

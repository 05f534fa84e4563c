namespace Browser.Tests.Support;

/// <summary>Debian's Apache with samples/apache/site.conf as it stands, and a page in front of it and one behind.</summary>
internal sealed class ApacheSite : IAsyncDisposable
{
    public const string Module = "/usr/lib/apache2/modules/mod_auth_openidc.so";
    private readonly string folder = Directory.CreateTempSubdirectory("tokenserver-apache-").FullName;
    private readonly SampleProgram apache;

    private ApacheSite(string server, int port)
    {
        Address = $"http://127.0.0.1:{port}";
        Directory.CreateDirectory(Path.Combine(folder, "www", "private"));
        File.WriteAllText(Path.Combine(folder, "www", "index.html"), "<!doctype html><title>Public</title><h1>Public</h1>");
        File.WriteAllText(Path.Combine(folder, "www", "private", "index.html"), "<!doctype html><title>Private</title><h1>Private</h1>");
        // Its children are an ordinary user's.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        string configuration = Path.Combine(folder, "apache.conf");
        File.WriteAllText(configuration, $"""
            ServerName 127.0.0.1
            User nobody
            Group nogroup
            Listen 127.0.0.1:{port}
            PidFile {folder}/pid
            ErrorLog /dev/stderr
            LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
            LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
            LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
            LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
            LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
            LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
            LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
            LoadModule auth_openidc_module {Module}
            TypesConfig /etc/mime.types
            DocumentRoot {folder}/www
            DirectoryIndex index.html
            Include {Path.Combine(SampleProgram.Folder("apache"), "site.conf")}
            """);
        apache = SampleProgram.Start(folder, "/usr/sbin/apache2", ["-f", configuration, "-D", "FOREGROUND"],
            ("TOKENSERVER_URL", server), ("SITE_URL", Address), ("CLIENT_SECRET", "apache-demo-secret"), ("OIDC_PASSPHRASE", "of this test alone"));
        apache.LineWith("resuming normal operations");
    }

    public string Address { get; }

    public static ApacheSite Start(string server, int port) => new(server, port);

    public async ValueTask DisposeAsync()
    {
        await apache.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

using System.Collections;
using TokenServer.Foundation;
using TokenServer.Hosting;

namespace TokenServer.Commands;

/// <summary>What <c>serve --help</c> says beyond its options: where the server listens, and every setting with its default.</summary>
internal static class ServeHelp
{
    private const string Words = """
        Settings:
          After the command as --NAME=VALUE, in the environment with __ for : (TokenServer__Issuer), or in appsettings.json beside the
          program; the first outweighs the second, and that the third. Durations are [d.]hh:mm:ss, lists are a,b.
          docs/operations.md tells what each is for.

          --urls http://127.0.0.1:5000             where it listens, several with ; between them (ASPNETCORE_URLS)
          --Kestrel:Certificates:Default:Path      its certificate, PEM or PFX, with :KeyPath or :Password, for an https address
          --environment Development                relaxes what every other environment demands (ASPNETCORE_ENVIRONMENT)
          --ConnectionStrings:Default              Data Source=tokenserver.db, or PostgreSQL's Host=…;Database=…;Username=…
        """;

    public static void Write(TextWriter output)
    {
        output.WriteLine(Words);
        var services = new ServiceCollection().AddTokenServer(new ConfigurationBuilder().Build());
        foreach (var section in services.Select(s => s.ImplementationInstance).OfType<SettingsSection>())
            Write(output, section.Name, section.Type, Activator.CreateInstance(section.Type));
    }

    private static void Write(TextWriter output, string path, Type type, object? defaults)
    {
        foreach (var property in type.GetProperties().Where(p => p.CanWrite))
        {
            string name = $"{path}:{property.Name}";
            object? value = defaults is null ? null : property.GetValue(defaults);
            if (property.PropertyType is { IsClass: true, IsArray: false } inner && inner.Assembly == type.Assembly)
                Write(output, name, inner, value);
            else output.WriteLine($"  --{name,-50} {Text(value)}".TrimEnd());
        }
    }

    private static string Text(object? value) => value switch
    {
        null or ICollection => "",
        bool yes => yes ? "true" : "false",
        _ => string.Format(CultureInfo.InvariantCulture, "{0}", value),
    };
}

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace TokenServer.Storage;

/// <summary>Answers EF Core's request for SQLitePCLRaw.core 2.1 with the 2.0.6 that is there (docs/decisions/0002).</summary>
internal static class SqliteBinding
{
    private const string Core = "SQLitePCLRaw.core";

#pragma warning disable CA2255 // A module initializer is the only moment before the first type of the library is asked for.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Install() => AssemblyLoadContext.Default.Resolving += (context, wanted) =>
        wanted.Name == Core ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, Core + ".dll")) : null;
}

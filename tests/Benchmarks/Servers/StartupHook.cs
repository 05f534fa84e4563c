/// <summary>
/// Runs inside the servers that are measured (DOTNET_STARTUP_HOOKS wants this name, outside of any namespace): answers each line of standard
/// input with the bytes allocated so far, on standard error, so that no server needs a route for it. When the input ends, so does the server.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        new Thread(Answer) { IsBackground = true, Name = "allocations" }.Start();
    }

    private static void Answer()
    {
        while (Console.In.ReadLine() is not null) Console.Error.WriteLine(GC.GetTotalAllocatedBytes(precise: true));
        Environment.Exit(0);
    }
}

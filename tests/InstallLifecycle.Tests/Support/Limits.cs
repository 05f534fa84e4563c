namespace InstallLifecycle.Tests.Support;

/// <summary>Settings for tests: most want no limit in their way, some want one alone.</summary>
internal static class Limits
{
    private const int Many = 1_000_000;

    /// <summary>No limit that a test could meet.</summary>
    public static InstallLifecycleOptions None() => new()
    {
        CodesPerIpPerHour = Many, CodesPerIpPerDay = Many, CodesPerSessionPerHour = Many, CodesPerFingerprintPerHour = Many, ActivationsPerIpPerDay = Many, ActivationsPerMachinePerDay = Many,
    };

    /// <summary>What <paramref name="set"/> sets from the defaults, all else unlimited.</summary>
    public static InstallLifecycleOptions Only(Action<InstallLifecycleOptions, InstallLifecycleOptions> set)
    {
        var options = None();
        set(options, new InstallLifecycleOptions());
        return options;
    }
}

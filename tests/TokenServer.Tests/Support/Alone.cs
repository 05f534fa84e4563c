namespace TokenServer.Tests.Support;

/// <summary>Tests that measure, or load the machine: they run after the others, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

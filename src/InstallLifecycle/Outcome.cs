namespace InstallLifecycle;

/// <summary>What a step came to: its value, or why it was refused. Errors are values, never exceptions.</summary>
/// <param name="Value">The value; null where it was refused.</param>
/// <param name="Error">Why it was refused; null where it was not.</param>
public readonly record struct Outcome<T>(T? Value, InstallError? Error) where T : class
{
    /// <summary>It was done.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>It was refused.</summary>
    public static implicit operator Outcome<T>(InstallError error) => new(null, error);
}

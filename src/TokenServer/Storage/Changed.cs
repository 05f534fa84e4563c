namespace TokenServer.Storage;

/// <summary>What became of a change: the changed thing, or why it was not changed.</summary>
internal readonly record struct Changed<T>(T? Value, ChangeRefused? Refused) where T : class
{
    public static implicit operator Changed<T>(T value) => new(value, null);
    public static implicit operator Changed<T>(ChangeRefused why) => new(null, why);
}

/// <summary>Why something was not changed.</summary>
/// <param name="Problem">What is wrong with what it should become.</param>
/// <param name="IsConflict">Whether something else has to be changed first.</param>
internal sealed record ChangeRefused(string Problem, bool IsConflict = false)
{
    /// <summary>There is no such thing.</summary>
    public static readonly ChangeRefused NotThere = new("there is no such thing");

    /// <summary>It is not as the caller saw it.</summary>
    public static readonly ChangeRefused Stale = new("it was changed in the meantime");

    /// <summary>The hashing queue is full.</summary>
    public static readonly ChangeRefused Busy = new("too many secrets wait to be hashed");
}

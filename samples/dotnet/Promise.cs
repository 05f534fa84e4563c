using System.Text.Json;

namespace TokenServer.Sample;

/// <summary>What the server promises, held against what it does.</summary>
internal static class Promise
{
    /// <exception cref="BrokenPromiseException"><paramref name="held"/> is false.</exception>
    public static void Holds(bool held, string promise)
    {
        if (!held) throw new BrokenPromiseException(promise);
    }

    /// <summary>A member as text; null where it is not there.</summary>
    public static string? Text(this JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.ToString() : null;
}

/// <summary>Something was not as promised.</summary>
internal sealed class BrokenPromiseException(string promise) : Exception(promise);

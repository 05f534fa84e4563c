using TokenServer.Web.Console.Shared;

namespace TokenServer.Web.Console.Scopes;

/// <summary>The words of what is done to a scope.</summary>
internal static class ScopeActWords
{
    public static ActWords Delete(string name) => new($"Delete {name}",
        "No token with this scope is given out any more. Those that were keep what they say until they expire.",
        "Delete the scope");
}

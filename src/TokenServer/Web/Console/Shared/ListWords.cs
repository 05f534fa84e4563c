using System.Collections.Frozen;
using TokenServer.Storage;

namespace TokenServer.Web.Console.Shared;

/// <summary>What lists say: how many there are, and why an address makes no sense.</summary>
internal static class ListWords
{
    // What an address asks for → as a sentence begins with it.
    private static readonly FrozenDictionary<string, string> labels = new Dictionary<string, string>
    {
        ["q"] = "What to find", ["sort"] = "The order", [ListQuery.Before] = "The page", [ListQuery.After] = "The page",
        ["status"] = "Status", ["role"] = "The role", ["user"] = "The user", ["client"] = "The client", ["event"] = "The event",
        ["group"] = "The kind", ["reason"] = "The reason", ["actor"] = "The actor", ["target"] = "The target",
        ["from"] = "From", ["to"] = "To",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public const string TwoPages = "The page can be asked for once.";

    public static string NotOnce(string name) => $"{LabelOf(name)} can be asked for once, in {NamePart.Longest} characters at most.";

    public static string NoNumber(string name) => $"{LabelOf(name)} must be a number.";

    public static string NoneOf(string name, IEnumerable<string> values) =>
        $"{LabelOf(name)} must be one of: {string.Join(", ", values)}.";

    public static string NoTime(string name) => $"{LabelOf(name)} must be a time, for example 2026-03-31T12:05.";

    /// <summary>How many there are, as far as they were counted; null where there is nothing to say.</summary>
    public static string? Total(int? total) => total switch
    {
        null or 0 => null,
        1 => "One in all.",
        > PageWanted.Counted => $"More than {PageWanted.Counted}.",
        _ => $"{total} in all.",
    };

    private static string LabelOf(string name) => labels.GetValueOrDefault(name, name);
}

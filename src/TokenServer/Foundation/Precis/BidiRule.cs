namespace TokenServer.Foundation.Precis;

/// <summary>The Bidi Rule (RFC 5893 section 2), which a text with a letter that is written from the right must meet:
/// else it could look like another.</summary>
internal static class BidiRule
{
    private static readonly string[] InBoth = ["EN", "ES", "CS", "ET", "ON", "BN", "NSM"];

    public static bool IsMet(List<int> text)
    {
        string[] classes = [.. text.Select(UnicodeTables.Instance.BidiClass)];
        if (!classes.Any(c => c is "R" or "AN")) return true;
        string last = classes.LastOrDefault(c => c != "NSM", "");
        if (classes[0] == "R")
            return classes.All(c => c is "R" or "AN" || InBoth.Contains(c)) && last is "R" or "EN" or "AN"
                && !(classes.Contains("EN") && classes.Contains("AN"));
        return classes[0] == "L" && classes.All(c => c == "L" || InBoth.Contains(c)) && last is "L" or "EN";
    }
}

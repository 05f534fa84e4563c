using TokenServer.Foundation.Precis;

namespace TokenServer.Web.Shared;

/// <summary>Why a form did nothing, as several pages say it.</summary>
internal static class FormWords
{
    /// <summary>Of a name that nothing may have.</summary>
    public const string BadName = $"The name {GivenName.Rule}.";

    /// <summary>Of a name that is missing or too long.</summary>
    /// <param name="longest">Characters it may have.</param>
    public static string NoName(int longest) => $"Enter a name of 1 to {longest} characters.";

    /// <summary>For people out of what the core says to programs.</summary>
    public static string NotSaved(string problem) => $"Nothing was saved: {FieldWords.InWords(problem)}.";

    /// <inheritdoc cref="NotSaved"/>
    public static string NotDone(string problem) => $"Nothing was done: {problem}.";
}

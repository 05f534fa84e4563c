using System.Text.RegularExpressions;

namespace TokenServer.Tests.Architecture;

/// <summary>The words of a page stand in its .razor, or in a file whose name ends in Words.cs (docs/decisions/0050).</summary>
public sealed partial class PageWordsTests
{
    // Two words in a row that no person reads → why not.
    private static readonly Dictionary<string, string> technical = new()
    {
        ["<p class=\\\"note plain\\\" role=\\\"status\\\" tabindex=\\\"-1\\\" autofocus>"] = "HTML",
        ["-d grant_type={} {}"] = "a line for a shell",
        ["{} is not embedded"] = "an exception's message",
        ["new codes"] = "says of which kind a kept secret is",
        ["made check"] = "goes into a hash",
        ["web sign-in"] = "the name of a limit's window",
    };

    [Fact]
    public void No_code_of_the_pages_holds_words_for_people()
    {
        var files = Files(".cs");
        files.Should().Contain(path => path.EndsWith("Endpoints.cs")).And.Contain(path => path.EndsWith("Words.cs"));
        var words = files.Where(path => !path.EndsWith("Words.cs", StringComparison.Ordinal)).SelectMany(path =>
            StringLiterals.Of(File.ReadAllText(path)).Where(AreWords).Select(text => (Path: path, Text: text))).ToList();
        string.Join('\n', words.Where(w => !technical.ContainsKey(w.Text))
            .Select(w => $"{Path.GetRelativePath(ArchitectureTests.Source(), w.Path)}: {w.Text}")).Should().BeEmpty();
        technical.Keys.Except(words.Select(w => w.Text)).Should().BeEmpty("what is gone is no exception any more");
    }

    [Fact]
    public void No_script_of_the_pages_holds_words_for_people()
    {
        var files = Files(".js");
        files.Should().NotBeEmpty();
        foreach (string path in files)
            ScriptText().Matches(ArchitectureTests.WithoutComments(File.ReadAllText(path))).Select(m => m.Groups[2].Value)
                .Where(AreWords).Should().Equal(["use strict"], "{0} says what its page tells it", path);
    }

    [Theory]
    [InlineData("Say(\"Enter a name.\");", "Enter a name.")]
    [InlineData("Say($\"{count} left\"); // \"none left\"", "{} left")]
    [InlineData("/* \"none left\" */ Say('\"', \"one left\", '\\'', '\\\\', \"\");", "one left", "")]
    [InlineData("$\"End {(name is { } found ? $\"that of {found}\" : \"this one\")}, {at:HH:mm}\"", "that of {}", "this one", "End {}, {}")]
    [InlineData("$\"a {{b}} c \\\" d {new[] { \"e\" }[0]}\" + \"f\"", "e", "a {{b}} c \\\" d {}", "f")]
    [InlineData("@\"a \"\" b \\\" + $@\"c {d}\"", "a \"\" b \\", "c {}")]
    [InlineData("\"\"\"a \"b\" c\"\"\" + $$\"\"\"d {e} {{f(\"g\")}} h\"\"\" + \"i\"", "a \"b\" c", "g", "d {e} {} h", "i")]
    public void Every_literal_is_found(string code, params string[] texts) => StringLiterals.Of(code).Should().Equal(texts);

    [Theory]
    [InlineData("The code is wrong.", true)]
    [InlineData("at once", true)]
    [InlineData("Nothing was done: {}.", true)]
    [InlineData("{} characters, and no more", true)]
    [InlineData("client_secret_basic", false)]
    [InlineData("text/css; charset=utf-8", false)]
    [InlineData("{} {}", false)]
    public void Two_words_in_a_row_are_words(string text, bool areWords) => AreWords(text).Should().Be(areWords);

    private static bool AreWords(string text) => TwoWords().IsMatch(text);

    private static string[] Files(string extension) =>
        Directory.GetFiles(ArchitectureTests.Source("TokenServer", "Web"), "*" + extension, SearchOption.AllDirectories);

    [GeneratedRegex(@"\p{L}+[,:.’”]? \p{L}+")]
    private static partial Regex TwoWords();

    [GeneratedRegex("""(['"`])((?:\\.|(?!\1).)*)\1""")]
    private static partial Regex ScriptText();
}

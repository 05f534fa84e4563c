using System.Text;

namespace TokenServer.Tests.Architecture;

/// <summary>The string literals of C#: plain, verbatim, raw and interpolated ones, and those in the holes of these. Comments have none.</summary>
internal sealed class StringLiterals
{
    private readonly string code;
    private readonly List<string> found = [];
    private int at;

    private StringLiterals(string code) => this.code = code;

    /// <summary>The text of each literal as it stands in the code; in the place of a hole is <c>{}</c>.</summary>
    public static IReadOnlyList<string> Of(string code)
    {
        var literals = new StringLiterals(code);
        while (literals.at < code.Length) literals.ReadCode(depth: 0);
        return literals.found;
    }

    // Until the end, or until a hole's own end where the code is that of a hole.
    private void ReadCode(int depth)
    {
        bool isHole = depth > 0;
        while (at < code.Length)
        {
            if (Is("//")) SkipPast("\n");
            else if (Is("/*")) SkipPast("*/");
            else if (code[at] == '\'') SkipCharacter();
            else if (Opening() is { } literal) ReadLiteral(literal);
            else
            {
                depth += !isHole ? 0 : code[at] is '{' or '(' or '[' ? 1 : code[at] is '}' or ')' or ']' ? -1 : 0;
                at++;
                if (isHole && depth == 0) return;
            }
        }
    }

    // A literal begins with dollars, an at sign, or neither, and one quote, or three and more.
    private Literal? Opening()
    {
        int next = at, dollars = 0;
        bool isVerbatim = false;
        for (; next < code.Length && code[next] is '$' or '@'; next++)
        {
            dollars += code[next] == '$' ? 1 : 0;
            isVerbatim |= code[next] == '@';
        }
        int quotes = 0;
        while (next + quotes < code.Length && code[next + quotes] == '"') quotes++;
        if (quotes == 0) return null;
        bool isRaw = quotes > 2 && !isVerbatim;
        return new(next + (isRaw ? quotes : 1), isRaw ? quotes : 1, dollars, isVerbatim, isRaw);
    }

    private void ReadLiteral(Literal literal)
    {
        var text = new StringBuilder();
        at = literal.Begins;
        string end = new('"', literal.Quotes);
        while (at < code.Length)
        {
            if (literal.IsVerbatim && Is("\"\"") || literal is { IsRaw: false, Dollars: > 0 } && (Is("{{") || Is("}}"))
                || literal is { IsRaw: false, IsVerbatim: false } && code[at] == '\\')
            {
                text.Append(code, at, 2);
                at += 2;
            }
            else if (Is(end)) break;
            else if (literal.Dollars > 0 && Is(new string('{', literal.Dollars)))
            {
                at += literal.Dollars;
                ReadCode(depth: 1);
                at += literal.Dollars - 1;
                text.Append("{}");
            }
            else text.Append(code[at++]);
        }
        at += literal.Quotes;
        found.Add(text.ToString());
    }

    private void SkipCharacter()
    {
        at += code[at + 1] == '\\' ? 3 : 2;
        SkipPast("'");
    }

    private void SkipPast(string text) =>
        at = code.IndexOf(text, at, StringComparison.Ordinal) is >= 0 and var found ? found + text.Length : code.Length;

    private bool Is(string text) => string.CompareOrdinal(code, at, text, 0, text.Length) == 0;

    private sealed record Literal(int Begins, int Quotes, int Dollars, bool IsVerbatim, bool IsRaw);
}

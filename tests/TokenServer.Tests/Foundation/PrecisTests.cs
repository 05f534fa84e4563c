using System.Text;
using TokenServer.Foundation.Precis;

namespace TokenServer.Tests.Foundation;

/// <summary>The profiles of RFC 8265, with its own examples, on tables of our own: InvariantGlobalization leaves the framework's
/// normalisation without effect.</summary>
public sealed class PrecisTests
{
    [Fact]
    public void They_are_tried_as_the_server_runs()
    {
        AppContext.TryGetSwitch("System.Globalization.Invariant", out bool isInvariant).Should().BeTrue();
        isInvariant.Should().BeTrue();
        "e\u0301".Normalize(NormalizationForm.FormC).Should().Be("e\u0301", "else the tables are not needed any more");
    }

    [Theory]
    [InlineData("e\u0301", "\u00E9", "e\u0301")]
    [InlineData("\u212B", "\u00C5", "A\u030A")]
    [InlineData("\u1E69", "\u1E69", "s\u0323\u0307")]
    [InlineData("s\u0307\u0323", "\u1E69", "s\u0323\u0307")]
    [InlineData("\u0344", "\u0308\u0301", "\u0308\u0301")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("\uAC01", "\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("\u1100\u1161", "\uAC00", "\u1100\u1161")]
    [InlineData("\uAC00\u11A7", "\uAC00\u11A7", "\u1100\u1161\u11A7")]
    [InlineData("a\u05AE\u0300\u0305\u0315b", "\u00E0\u05AE\u0305\u0315b", "a\u05AE\u0300\u0305\u0315b")]
    [InlineData("A\u0327\u030A", "\u00C5\u0327", "A\u0327\u030A")]
    [InlineData("\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E")]
    [InlineData("\U0001109A", "\U0001109A", "\U00011099\U000110BA")]
    [InlineData("\U0002F800", "\u4E3D", "\u4E3D")]
    [InlineData("\uFB03\u2460", "\uFB03\u2460", "\uFB03\u2460")]
    public void Normalisation_is_Unicodes(string text, string formC, string formD)
    {
        Normalization.ToFormC(text).Should().Be(formC);
        Normalization.ToFormD(text).Should().Be(formD);
    }

    [Theory]
    [InlineData("correct horse battery staple", "correct horse battery staple")]
    [InlineData("Correct Horse Battery Staple", "Correct Horse Battery Staple")]
    [InlineData("\u03C0\u00DF\u00E5", "\u03C0\u00DF\u00E5")]
    [InlineData("Jack of \u2666s", "Jack of \u2666s")]
    [InlineData("foo\u1680bar", "foo bar")]
    [InlineData("\u00A0a\u3000b\u202Fc\u2003", " a b c ")]
    [InlineData("cafe\u0301", "caf\u00E9")]
    [InlineData("\uFF21\uFF11", "\uFF21\uFF11")]
    [InlineData("\U0001F511", "\U0001F511")]
    [InlineData("", null)]
    [InlineData("my cat is a \u0009by", null)]
    [InlineData("a\u0000b", null)]
    [InlineData("a\u007F", null)]
    [InlineData("a\u0085", null)]
    [InlineData("a\u200B", null)]
    [InlineData("a\u200D", null)]
    [InlineData("\uFFFF", null)]
    public void OpaqueString_prepares_passwords(string password, string? prepared) => OpaqueString.Prepare(password).Should().Be(prepared);

    [Theory]
    [InlineData("juliet", "juliet")]
    [InlineData("Jane.Doe-1_x", "jane.doe-1_x")]
    [InlineData("fussball", "fussball")]
    [InlineData("fu\u00DFball", "fu\u00DFball")]
    [InlineData("\u03C0", "\u03C0")]
    [InlineData("\u03A3", "\u03C3")]
    [InlineData("\u03C2", "\u03C2")]
    [InlineData("Jose\u0301", "jos\u00E9")]
    [InlineData("\uFF21\uFF24\uFF2D\uFF29\uFF2E", "admin")]
    [InlineData("\u0130stanbul", "i\u0307stanbul")]
    [InlineData("\uFF76\uFF9E", "\u30AC")]
    [InlineData("l\u00B7l", "l\u00B7l")]
    [InlineData("\u0928\u094D\u200D", "\u0928\u094D\u200D")]
    [InlineData("\u0628\u200C\u0628", "\u0628\u200C\u0628")]
    [InlineData("\u05D0\u05D1\u05D2", "\u05D0\u05D1\u05D2")]
    [InlineData("\u05D0\u05D11", "\u05D0\u05D11")]
    [InlineData("", null)]
    [InlineData("foo bar", null)]
    [InlineData("henry\u2163", null)]
    [InlineData("\u265A", null)]
    [InlineData("ad\u200Bmin", null)]
    [InlineData("ad\u00ADmin", null)]
    [InlineData("ad\u2060min", null)]
    [InlineData("\uFEFFadmin", null)]
    [InlineData("admin\u202E", null)]
    [InlineData("x\u200D", null)]
    [InlineData("a\u00B7b", null)]
    [InlineData("a\u05D0", null)]
    [InlineData("1\u05D0", null)]
    [InlineData("\u05D0a", null)]
    [InlineData("\u0661\u06F1", null)]
    [InlineData("\u0640", null)]
    [InlineData("\uE000", null)]
    [InlineData("\u0378", null)]
    public void UsernameCaseMapped_prepares_user_names(string name, string? mapped) => UserNameProfile.Map(name).Should().Be(mapped);

    [Fact]
    public void Half_a_pair_of_surrogates_is_no_text()
    {
        foreach (string text in (string[])["\uD83D", "a\uDC00b", "\uDC00\uD800"])
        {
            (OpaqueString.Prepare(text), UserNameProfile.Map(text), GivenName.Of(text)).Should().Be((null, null, null));
            (Normalization.ToFormC(text), Normalization.ToFormD(text)).Should().Be((text, text));
        }
    }

    [Theory]
    [InlineData("Jose\u0301", "Jos\u00E9")]
    [InlineData("\uFF2A\uFF41\uFF4E\uFF45", "Jane")]
    [InlineData("\u03A3", "\u03A3")]
    [InlineData("a b", null)]
    public void UsernameCasePreserved_is_what_is_shown(string name, string? shown) => UserNameProfile.Preserve(name).Should().Be(shown);

    [Theory]
    [InlineData(" office \t", "office")]
    [InlineData("\u00A0Büro\u3000", "Büro")]
    [InlineData("👩‍👩‍👧", "👩‍👩‍👧")]
    [InlineData("日本語 e\u0301", "日本語 e\u0301")]
    [InlineData("מרחב", "מרחב")]
    [InlineData("", null)]
    [InlineData(" \u2003 ", null)]
    [InlineData("\u200B\uFEFF", null)]
    [InlineData("\u2800", null)]
    [InlineData("\u3164", null)]
    [InlineData("a\u0007b", null)]
    [InlineData("a\nb", null)]
    [InlineData("a\u0085b", null)]
    [InlineData("a\u2028b", null)]
    [InlineData("a\u202Egnp", null)]
    [InlineData("a\u2066b", null)]
    [InlineData("a\u200Fb", null)]
    [InlineData("a\u061Cb", null)]
    public void A_given_name_is_trimmed_and_hides_nothing(string text, string? name) => GivenName.Of(text).Should().Be(name);
}

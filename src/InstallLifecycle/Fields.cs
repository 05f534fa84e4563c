using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using InstallLifecycle.HostKeys;

namespace InstallLifecycle;

/// <summary>The fields of requests, checked and brought to canonical form (contract section 5).
/// The first problem is the one that is told.</summary>
internal sealed partial class Fields
{
    /// <summary>Characters of a host key or its signature: enough for the largest that there is.</summary>
    public const int LongestKey = 8192;
    private const string MustBePrintable = "must not hold control, invisible or bidirectional characters";
    private const int LongestReason = 200;
    private const int LongestVersion = 32, LongestRef = 255, LongestName = 253, LongestToken = 4096;

    // Private, shared, loopback, link-local, protocol and benchmark assignments,
    // multicast and reserved (the IANA special-purpose registries).
    // Documentation networks pass: examples and test rigs live there, and nothing here depends on reaching an address.
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
            "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2002::/16",
        }.Select(IPNetwork.Parse),
    ];

    // Global unicast; what of it is not public is listed above.
    private static readonly IPNetwork PublicV6 = IPNetwork.Parse("2000::/3");

    /// <summary>What was wrong with the fields asked for so far; null while nothing was.</summary>
    public InstallError? Problem { get; private set; }

    /// <summary>A text that must be there; it is checked elsewhere.</summary>
    public string Text(string field, string? value, int longest = LongestToken) =>
        Check(field, value, v => v.Length <= longest, $"must not be longer than {longest} characters",
            v => !v.Contains('\0', StringComparison.Ordinal), "must not hold NUL characters");

    public string MachineId(string? value) =>
        Check("machine_id", value?.Trim().ToLowerInvariant(), v => MachineIdForm().IsMatch(v), "must be 32 hex digits, not all of them 0");

    public string SshFingerprint(string? value) =>
        Check("ssh_fingerprint", value, v => SshFingerprintForm().IsMatch(v), "must be SHA256: and 43 base64 characters");

    public string CheckinKey(string? value) =>
        Check("checkin_key", value, Servers.CheckinKey.Recognizes, "must be the one that was given last");

    public string CheckinNonce(string? value) =>
        Check("checkin_nonce", value, v => NonceForm().IsMatch(v), "must be 16 to 64 letters, digits, '-' and '_'");

    public string Version(string field, string? value) =>
        Check(field, value, v => v.Length <= LongestVersion, $"must be at most {LongestVersion} characters",
            IsPrintable, MustBePrintable);

    /// <summary>A public key of the fingerprint that was said; of whatever kind it is, which is looked at when all fields are
    /// right.</summary>
    /// <returns>Why keys of its kind prove nothing; null where they do.</returns>
    public InstallError? SshPublicKey(string? value, string fingerprint)
    {
        string line = Text("ssh_public_key", value, LongestKey);
        if (line.Length == 0) return null;
        var (key, wrong) = HostKey.Parse(line);
        if (key is null && wrong!.Status == StatusCodes.Status422UnprocessableEntity) return wrong;
        Problem ??= key is null ? wrong : key.Fingerprint == fingerprint ? null
            : InstallError.InvalidRequest("The field 'ssh_public_key' must be the key of 'ssh_fingerprint'.");
        return null;
    }

    /// <summary>What a person wrote, in one line: nothing that a terminal or a log would take for more than text.</summary>
    public string? Reason(string? value)
    {
        string text = value?.Trim() ?? "";
        return text.Length == 0 ? null : Check("reason", text,
            v => v.EnumerateRunes().Count() <= LongestReason && IsPrintable(v),
            $"must be at most {LongestReason} printable characters");
    }

    private static bool IsPrintable(string text) => text.EnumerateRunes().All(IsPrintable);

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) && rune != Rune.ReplacementChar;

    // ASCII first: to Unicode the Kelvin sign is a capital k.
    public string Hostname(string? value) => Check("hostname", WithoutRoot(value), v => Ascii.IsValid(v) && v.Length <= LongestName
        && HostnameForm().IsMatch(v.ToLowerInvariant()), "must be a DNS name of two labels or more").ToLowerInvariant();

    // The dot at the end is the root of all names (RFC 1034 section 3.1).
    private static string? WithoutRoot(string? name) => name?.EndsWith('.') == true ? name[..^1] : name;

    public string RequestedRef(string? value) =>
        Check("requested_ref", value, IsRef, "must be a git ref", IsPrintable, MustBePrintable);

    public string PublicIp(string? value)
    {
        string text = Check("public_ip", value, v => Parse(v) is not null, "must be a public IPv4 or IPv6 address");
        return Problem is null ? Parse(text)!.ToString() : "";
    }

    private string Check(
        string field, string? value, Func<string, bool> isRight, string rule, Func<string, bool>? isRightToo = null, string? ruleToo = null)
    {
        string? problem = string.IsNullOrEmpty(value) ? $"The field '{field}' is required."
            : !isRight(value) ? $"The field '{field}' {rule}."
            : isRightToo?.Invoke(value) == false ? $"The field '{field}' {ruleToo}." : null;
        if (problem is null) return value!;
        Problem ??= InstallError.InvalidRequest(problem);
        return "";
    }

    private static IPAddress? Parse(string text)
    {
        // The framework also takes 1.2, 0x1020304 and zones, which are no addresses to write down.
        if (!AddressCharacters().IsMatch(text) || !IPAddress.TryParse(text, out var address)) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        else if (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text) return null;
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !PublicV6.Contains(address)) return null;
        return NotPublic.Any(n => n.Contains(address)) ? null : address;
    }

    // git-check-ref-format(1), and no leading dash, which a command line would take for an option.
    private static bool IsRef(string text) =>
        text.Length <= LongestRef && RefCharacters().IsMatch(text) && text != "@"
        && text[0] is not ('-' or '/') && text[^1] is not ('/' or '.')
        && !((string[])["..", "//", "@{"]).Any(part => text.Contains(part, StringComparison.Ordinal))
        && !text.Split('/').Any(part => part.StartsWith('.') || part.EndsWith(".lock", StringComparison.Ordinal));

    // All zeros is the id of a machine that has none (machine-id(5)).
    [GeneratedRegex(@"\A(?!0{32})[0-9a-f]{32}\z")]
    private static partial Regex MachineIdForm();

    [GeneratedRegex(@"\ASHA256:[A-Za-z0-9+/]{43}\z")]
    private static partial Regex SshFingerprintForm();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{16,64}\z")]
    private static partial Regex NonceForm();

    // The last label is no number: 1.2.3.4 is no name.
    [GeneratedRegex(@"\A([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex HostnameForm();

    [GeneratedRegex(@"\A[0-9A-Fa-f:.]{3,45}\z")]
    private static partial Regex AddressCharacters();

    [GeneratedRegex(@"\A[^\x00-\x20\x7f~^:?*\[\\]+\z")]
    private static partial Regex RefCharacters();
}

namespace InstallLifecycle.HostKeys;

/// <summary>A machine proves the host key that its code is bound to: it signs a text with a challenge in it, which its precheck token
/// carries (contract section 5b). Nothing is stored for that: a signature is as good as the precheck token that it came with.</summary>
internal sealed class HostKeyProofs(InstallLifecycleOptions options)
{
    public const string Namespace = "slowdns-install";
    private const string FirstLine = "slowdns-install-v1";
    private const int ChallengeLength = 32;

    /// <summary>Whether machines may prove their key at all.</summary>
    public bool AreOffered => options.HostKeyProof != HostKeyProof.Off;

    /// <summary>Whether they must.</summary>
    public bool AreRequired => options.HostKeyProof == HostKeyProof.Required;

    /// <summary>43 base64url characters that nobody can foresee.</summary>
    public static string CreateChallenge() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(ChallengeLength));

    /// <summary>The text to sign; each line ends with a line feed.</summary>
    public static string TextOf(string challenge, Machine machine) =>
        $"{FirstLine}\n{challenge}\n{machine.MachineId}\n{machine.SshFingerprint}\n";

    /// <summary>Whether <paramref name="signature"/> is the host key's of <paramref name="machine"/> over the text of the
    /// challenge.</summary>
    public static bool IsGood(string challenge, Machine machine, string signature) =>
        SshSignature.Parse(signature) is { Namespace: Namespace } parsed
        && HostKey.FingerprintOf(parsed.PublicKey) == machine.SshFingerprint && HostKey.Read(parsed.PublicKey) is { } key
        && key.Verify(parsed.Algorithm, parsed.Signed(Encoding.UTF8.GetBytes(TextOf(challenge, machine))), parsed.Bytes);
}
